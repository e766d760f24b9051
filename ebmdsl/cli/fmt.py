"""`ebmc fmt`: the one layout of a program."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ebmdsl.cli.failures import Exit
from ebmdsl.cli.mending import show_difference
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.reading import read_source
from ebmdsl.cli.shell import Shell, current_shell
from ebmdsl.cli.writing import write_file

if TYPE_CHECKING:
    from ebmdsl.source.text import Source


@declare("fmt")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change.")
def command(files: tuple[str, ...], *, check: bool, diff: bool) -> None:
    """Lay programs out in the one canonical way, in place; `-` goes to stdout.

    A program with syntax errors is left as it is.
    """
    shell = current_shell()
    pairs = [(source, _formatted(source, shell)) for source in _sources(files, shell)]
    changed = [(source, text) for source, text in pairs if source.text != text]
    if diff:
        for source, text in changed:
            show_difference(source, text, what="formatted")
    elif not check:
        _write(pairs, shell)
    if check:
        for source, _ in changed:
            shell.say(f"{source.name}: would be reformatted")
    click.get_current_context().exit(Exit.MODEL if check and changed else Exit.FINE)


def _sources(files: tuple[str, ...], shell: Shell) -> list[Source]:
    return [read_source(name, shell) for name in files]


def _formatted(source: Source, shell: Shell) -> str:
    from ebmdsl.syntax.format import format_file
    from ebmdsl.syntax.parse import parse

    file, diagnostics = parse(source)
    if diagnostics.all:
        shell.diagnose(diagnostics.all, sys.stderr)
    if file is None or not diagnostics.ok:
        click.get_current_context().exit(Exit.MODEL)
    return format_file(file, source)


def _write(pairs: list[tuple[Source, str]], shell: Shell) -> None:
    for source, text in pairs:
        if source.name == "<stdin>":
            click.echo(text, nl=False)
        elif source.text != text:
            write_file(Path(source.name), text.encode())
            shell.say(f"{source.name}: reformatted")
