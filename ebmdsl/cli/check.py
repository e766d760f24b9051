"""`ebmc check`: find every mistake in a program without running it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ebmdsl.cli.compiling import compilation_of
from ebmdsl.cli.failures import Exit, StopError
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.shell import Shell, current_shell
from ebmdsl.cli.writing import write_file
from ebmdsl.source.fixes import applied

if TYPE_CHECKING:
    from ebmdsl.compilation import Compilation
    from ebmdsl.source.diagnostic import Diagnostic


@declare("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Override a value.")
@click.option("--pedantic", is_flag=True, help="A warning fails, too.")
@click.option("--fix", is_flag=True, help="Mend what can be mended safely, in place.")
@click.option("--unsafe-fixes", is_flag=True, help="Mend all that can be mended, in place.")
def command(
    files: tuple[str, ...],
    *,
    pairs: tuple[str, ...],
    pedantic: bool,
    fix: bool,
    unsafe_fixes: bool,
) -> None:
    """Check programs: names, shapes, the energy, how it is inferred and trained.

    Exits 1 when a program has an error.
    """
    shell = current_shell()
    for name in files if fix or unsafe_fixes else ():
        _mend(name, shell, unsafe=unsafe_fixes)
    found = {name: _found(name, shell, pairs=pairs) for name in files}
    every = [one for those in found.values() for one in those]
    if shell.format in {"json", "github"}:
        shell.diagnose(every, sys.stdout)
    else:
        _show_by_file(found, shell)
    fails = any(pedantic or one.severity == "error" for one in every)
    click.get_current_context().exit(Exit.MODEL if fails else Exit.FINE)


def _mend(name: str, shell: Shell, *, unsafe: bool) -> None:
    """Apply the fixes of one file."""
    compilation = compilation_of(name, shell)
    source = compilation.source
    if source.name == "<stdin>":
        raise StopError("a fix needs a file to write to, not `-`", Exit.USAGE)
    fixes = [one.fix for one in _diagnosed(compilation) if one.fix]
    text = applied(source, (each for each in fixes if each.safe or unsafe))
    if text != source.text:
        write_file(Path(source.name), text.encode())
        shell.say(f"{source.name}: mended")


def _found(name: str, shell: Shell, *, pairs: tuple[str, ...]) -> tuple[Diagnostic, ...]:
    return _diagnosed(compilation_of(name, shell, pairs=pairs))


def _diagnosed(compilation: Compilation) -> tuple[Diagnostic, ...]:
    if compilation.plan is None and compilation.diagnostics.ok:
        raise AssertionError(f"{compilation.source.name} has no plan, and nothing says why")
    return compilation.diagnostics.all


def _show_by_file(found: dict[str, tuple[Diagnostic, ...]], shell: Shell) -> None:
    for name, those in found.items():
        if those:
            shell.diagnose(those, sys.stdout)
        elif not shell.quiet:
            shell.product(f"{name}: {click.style('ok', fg='green')}")
