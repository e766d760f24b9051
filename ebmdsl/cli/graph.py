"""`ebmc graph`: a model as the lecture draws it."""

from __future__ import annotations

from pathlib import Path

import click

from ebmdsl.cli.compiling import compilation_of, require
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.shell import current_shell


@declare("graph")
@click.argument("file")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="x.svg, x.png, x.pdf, x.dot or x.json; without it DOT goes to stdout.",
)
@click.option(
    "--view",
    type=click.Choice(["model", "inference", "training"]),
    default="model",
    show_default=True,
)
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Override a value.")
@click.option("--open", "opened", is_flag=True, help="Show the picture.")
def command(
    file: str, output: Path | None, *, view: str, pairs: tuple[str, ...], opened: bool
) -> None:
    """Draw a model: circles for variables (shaded when observed), rounded blocks for
    deterministic functions, rectangles for energy terms.
    """
    shell = current_shell()
    compilation = compilation_of(file, shell, pairs=pairs)
    require(compilation.graph, compilation, shell)
    del output, view, opened
