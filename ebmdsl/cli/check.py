"""`ebmc check`: find every mistake in a program without running it."""

from __future__ import annotations

import sys

import click

from ebmdsl.cli.compiling import compilation_of
from ebmdsl.cli.failures import Exit
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.shell import Shell, current_shell


@declare("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Override a value.")
@click.option("--pedantic", is_flag=True, help="A warning fails, too.")
def command(files: tuple[str, ...], pairs: tuple[str, ...], pedantic: bool) -> None:
    """Check programs: names, shapes, the energy, how it is trained.

    Exits 1 when a program has an error.
    """
    shell = current_shell()
    fine = [_check(name, shell, pairs=pairs, pedantic=pedantic) for name in files]
    click.get_current_context().exit(Exit.FINE if all(fine) else Exit.MODEL)


def _check(name: str, shell: Shell, *, pairs: tuple[str, ...], pedantic: bool) -> bool:
    compilation = compilation_of(name, shell, pairs=pairs)
    found = compilation.expanded is not None
    diagnostics = compilation.diagnostics
    shell.diagnose(diagnostics, sys.stdout)
    if not diagnostics.all and shell.format in {"human", "short"} and not shell.quiet:
        shell.product(f"{name}: {click.style('ok', fg='green')}")
    return found and diagnostics.ok and not (pedantic and diagnostics.warnings)
