"""`ebmc plan`: what will be minimized, by which method, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ebmdsl.cli.compiling import compilation_of, require
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.shell import current_shell

if TYPE_CHECKING:
    from ebmdsl.check.model import Model


@declare("plan")
@click.argument("file")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Override a value.")
@click.option("--expanded", is_flag=True, help="The program after strategies are expanded.")
def command(file: str, *, pairs: tuple[str, ...], expanded: bool) -> None:
    """Tell how a model will be trained: methods, reasons, certificates, risks."""
    shell = current_shell()
    compilation = compilation_of(file, shell, pairs=pairs)
    if expanded:
        model = require(compilation.expanded, compilation, shell=shell)
        shell.product(expanded_program(model).rstrip("\n"))
        return
    plan = require(compilation.plan, compilation, shell=shell)
    from ebmdsl.render.plan import describe, record

    if shell.wants_json:
        shell.record(plan=record(plan))
    else:
        written = require(compilation.model, compilation, shell=shell)
        shell.product(describe(plan, written).rstrip("\n"))


def expanded_program(model: Model) -> str:
    """Write the program as it is after its strategies are replaced by the core form."""
    from ebmdsl.source.text import Source
    from ebmdsl.syntax.format import format_file

    return format_file(model.file, Source(model.file.header.name.text, ""))
