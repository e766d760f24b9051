"""`ebmc check`: find every mistake in a program without running it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ebmdsl.cli.compiling import compilation_of
from ebmdsl.cli.failures import Exit
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.shell import Shell, current_shell

if TYPE_CHECKING:
    from ebmdsl.source.diagnostic import Diagnostic


@declare("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Override a value.")
@click.option("--pedantic", is_flag=True, help="A warning fails, too.")
def command(files: tuple[str, ...], *, pairs: tuple[str, ...], pedantic: bool) -> None:
    """Check programs: names, shapes, the energy, how it is inferred and trained.

    Exits 1 when a program has an error.
    """
    shell = current_shell()
    found = {name: _found(name, shell, pairs=pairs) for name in files}
    every = [one for those in found.values() for one in those]
    if shell.format in {"json", "github"}:
        shell.diagnose(every, sys.stdout)
    else:
        _show_by_file(found, shell)
    fails = any(pedantic or one.severity == "error" for one in every)
    click.get_current_context().exit(Exit.MODEL if fails else Exit.FINE)


def _found(name: str, shell: Shell, *, pairs: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    compilation = compilation_of(name, shell, pairs=pairs)
    if compilation.plan is None and compilation.diagnostics.ok:
        raise AssertionError(f"{name} has no plan, and nothing says why")
    return compilation.diagnostics.all


def _show_by_file(found: dict[str, tuple[Diagnostic, ...]], shell: Shell) -> None:
    for name, those in found.items():
        if those:
            shell.diagnose(those, sys.stdout)
        elif not shell.quiet:
            shell.product(f"{name}: {click.style('ok', fg='green')}")
