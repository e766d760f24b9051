"""`ebmc train`: learn a model, and show how it goes."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebmdsl.cli.compiling import compilation_of, require
from ebmdsl.cli.failures import Exit
from ebmdsl.cli.interrupt import polite_signals
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.progress import Lines, Observer, Records
from ebmdsl.cli.shell import Shell, current_shell

if TYPE_CHECKING:
    from ebmdsl.runtime.directory import RunDirectory


@declare("train")
@click.argument("file")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Override a value.")
@click.option("--epochs", type=click.IntRange(min=1), help="How often to see all samples.")
@click.option("--seed", type=click.IntRange(min=0), help="Where random numbers start.")
@click.option("--out", type=click.Path(path_type=Path), default="runs", show_default=True)
@click.option("--smoke", is_flag=True, help="Two steps on 64 made-up samples.")
@click.option("--strict", is_flag=True, help="An `expect` that fails fails the run.")
@click.option("--log-every", type=click.IntRange(min=0), help="Steps between lines.")
def command(file: str, pairs: tuple[str, ...], **flags: Any) -> None:
    """Train a model and keep what was learned in a run directory."""
    shell = current_shell()
    compilation = compilation_of(file, shell, pairs=pairs)
    require(compilation.plan, compilation, shell)
    del flags


def observer_for(shell: Shell, *, every: int | None) -> Observer:
    """Choose how a run is told: a screen on a terminal, lines in a pipe, or JSON."""
    if shell.wants_json:
        return Records(every=1 if every is None else every)
    if shell.quiet or not sys.stderr.isatty() or os.environ.get("CI"):
        return Lines(every=every or 0)
    from rich.console import Console

    from ebmdsl.cli.screen import Screen

    return Screen(Console(stderr=True))
