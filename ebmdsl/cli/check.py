"""`ebmc check`: find every mistake in a program without running it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebmdsl.cli.compiling import compilation_from, overrides
from ebmdsl.cli.failures import Exit, StopError
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.reading import read_source
from ebmdsl.cli.shell import Shell, current_shell
from ebmdsl.cli.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ebmdsl.source.diagnostic import Diagnostic
    from ebmdsl.source.text import Source

    Found = Callable[[Source], tuple[Diagnostic, ...]]


@declare("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Override a value.")
@click.option("--select", multiple=True, metavar="ID", help="Of the warnings, only these.")
@click.option("--ignore", multiple=True, metavar="ID", help="Leave these warnings out.")
@click.option("-D", "--deny", multiple=True, metavar="ID", help="This warning is an error.")
@click.option("--pedantic", is_flag=True, help="Every warning is an error.")
@click.option("--fix", is_flag=True, help="Mend what can be mended safely, in place.")
@click.option("--unsafe-fixes", is_flag=True, help="Mend all that can be mended, in place.")
@click.option("--gradients", is_flag=True, help="Compare gradients with differences, on data.")
@click.option("--diff", is_flag=True, help="Show what mending would change; write nothing.")
def command(files: tuple[str, ...], pairs: tuple[str, ...], **flags: Any) -> None:
    """Check programs: names, shapes, the energy, how it is inferred and trained.

    Exits 1 when a program has an error, when `--diff` shows a difference, or when a gradient
    that `--gradients` looks at disagrees with finite differences.
    """
    shell = current_shell()
    found = _finder(shell, overrides(pairs), flags=flags)
    sources = [read_source(name, shell) for name in files]
    if flags["diff"]:
        changed = [_differs(source, found, flags=flags) for source in sources]
        click.get_current_context().exit(Exit.MODEL if any(changed) else Exit.FINE)
    if flags["fix"] or flags["unsafe_fixes"]:
        sources = [_mended(source, found, flags=flags) for source in sources]
    every = [(source.name, found(source)) for source in sources]
    _show(every, shell)
    fails = any(one.severity == "error" for _, those in every for one in those)
    if flags["gradients"] and not fails:
        from ebmdsl.cli.gradients import compared

        values = overrides(pairs)
        wrong = [compared(source, shell, values=values) for source in sources]
        fails = any(wrong)
    click.get_current_context().exit(Exit.MODEL if fails else Exit.FINE)


def _finder(shell: Shell, values: Mapping[str, str], *, flags: dict[str, Any]) -> Found:
    """Return what finds the mistakes of a text, of those that are asked for."""
    chosen = None
    if flags["select"] or flags["ignore"] or flags["deny"] or flags["pedantic"]:
        from ebmdsl.cli.choosing import choice

        chosen = choice(
            flags["select"], flags["ignore"], deny=flags["deny"], pedantic=flags["pedantic"]
        )

    def found(source: Source) -> tuple[Diagnostic, ...]:
        compilation = compilation_from(source, shell, values=values)
        if compilation.plan is None and compilation.diagnostics.ok:
            raise AssertionError(f"{source.name} has no plan, and nothing says why")
        every = compilation.diagnostics.all
        return every if chosen is None else chosen.of(every)

    return found


def _differs(source: Source, found: Found, *, flags: dict[str, Any]) -> bool:
    from ebmdsl.cli.mending import mended, show_difference

    text = mended(source, found, unsafe=flags["unsafe_fixes"]).text
    show_difference(source, text, what="mended")
    return text != source.text


def _mended(source: Source, found: Found, *, flags: dict[str, Any]) -> Source:
    """Apply the fixes of one file, and return what it holds now."""
    from ebmdsl.cli.mending import mended
    from ebmdsl.source.text import Source

    if source.name == "<stdin>":
        raise StopError("a fix needs a file to write to, not `-`", Exit.USAGE)
    result = mended(source, found, unsafe=flags["unsafe_fixes"])
    if not result.count:
        return source
    write_file(Path(source.name), result.text.encode())
    current_shell().say(f"{source.name}: mended {_count(result.count)}")
    return Source(source.name, result.text)


def _count(number: int) -> str:
    return "1 mistake" if number == 1 else f"{number} mistakes"


def _show(found: list[tuple[str, tuple[Diagnostic, ...]]], shell: Shell) -> None:
    """Write what was found, file by file; what a program reads is one whole."""
    if shell.format in {"json", "github"}:
        shell.diagnose([one for _, those in found for one in those], sys.stdout)
        return
    for name, those in found:
        if those:
            shell.diagnose(those, sys.stdout)
        elif not shell.quiet:
            shell.product(f"{name}: {click.style('ok', fg='green')}")
