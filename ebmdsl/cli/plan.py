"""`ebmc plan`: what will be minimized, by which method, and why."""

from __future__ import annotations

import click

from ebmdsl.cli.compiling import compilation_of, require
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.shell import current_shell


@declare("plan")
@click.argument("file")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Override a value.")
@click.option("--expanded", is_flag=True, help="The program after strategies are expanded.")
def command(file: str, pairs: tuple[str, ...], expanded: bool) -> None:
    """Tell how a model will be trained: methods, reasons, certificates, risks."""
    shell = current_shell()
    compilation = compilation_of(file, shell, pairs=pairs)
    if expanded:
        shell.product(require(compilation.expanded, compilation, shell).pretty())
        return
    plan = require(compilation.plan, compilation, shell)
    if shell.wants_json:
        shell.record(model=plan.name, plan=plan.facts())
    else:
        shell.product(plan.pretty())
