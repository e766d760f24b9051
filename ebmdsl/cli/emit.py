"""`ebmc emit`: any intermediate form of a program, readable."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import click

from ebmdsl.cli.compiling import compilation_of, require
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.shell import current_shell

STAGES = {
    "ast": "file",
    "model": "model",
    "expanded": "expanded",
    "graph": "graph",
    "plan": "plan",
}


@declare("emit")
@click.argument("file")
@click.option("--stage", type=click.Choice(list(STAGES)), default="plan", show_default=True)
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Override a value.")
def command(file: str, stage: str, *, pairs: tuple[str, ...]) -> None:
    """Print what a phase of the compiler hands to the next."""
    shell = current_shell()
    compilation = compilation_of(file, shell, pairs=pairs)
    form = require(getattr(compilation, STAGES[stage]), compilation, shell=shell)
    text = form.pretty() if hasattr(form, "pretty") else outline(form)
    if shell.wants_json:
        shell.record(stage=stage, text=text)
    else:
        shell.product(text.rstrip("\n"))


def outline(node: Any, name: str = "", *, depth: int = 0) -> str:
    """Write a tree of dataclasses as an indented outline."""
    head = "  " * depth + (f"{name}: " if name else "")
    if isinstance(node, tuple):
        lines = [outline(one, "-", depth=depth + 1) for one in node]  # pyright: ignore
        return "\n".join([f"{head}[{len(lines)}]", *lines])
    if not is_dataclass(node):
        return f"{head}{node!r}"
    shown = [one for one in fields(node) if one.repr]
    lines = [outline(getattr(node, one.name), one.name, depth=depth + 1) for one in shown]
    return "\n".join([f"{head}{type(node).__name__}", *lines])
