"""From a file name to a compilation, with its diagnostics shown."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from ebmdsl.cli.failures import Exit, StopError
from ebmdsl.cli.reading import read_source
from ebmdsl.cli.shell import Shell

if TYPE_CHECKING:
    from ebmdsl.compilation import Compilation
    from ebmdsl.source.text import Source

Phase = TypeVar("Phase")


def overrides(pairs: Sequence[str], *, flag: str = "--set NAME=VALUE") -> dict[str, str]:
    """Read `--set k=64` flags, or others that are written in the same way."""
    found: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not (equals and key.strip() and value.strip()):
            word = flag.partition(" ")[0]
            raise StopError(f"`{word} {pair}`: write `{flag}`", Exit.USAGE)
        found[key.strip()] = value.strip()
    return found


def compilation_of(name: str, shell: Shell, *, pairs: Sequence[str] = ()) -> Compilation:
    """Read a program; nothing is compiled until a phase is asked for."""
    values = overrides(pairs)
    return compilation_from(read_source(name, shell), shell, values=values)


def compilation_from(source: Source, shell: Shell, *, values: Mapping[str, str]) -> Compilation:
    """Take a text that was read already; the files that it names are found beside it."""
    from ebmdsl.compilation import Compilation

    return Compilation(
        source, values, read=lambda path, beside: _read(path, beside, shell=shell)
    )


def _read(path: str, beside: Source, *, shell: Shell) -> Source:
    """Read a file that another one names, relative to it."""
    try:
        return read_source(str(Path(beside.name).parent / path), shell)
    except StopError as error:
        if error.code is Exit.REFUSED:
            raise
        raise OSError(str(error)) from None


def require(phase: Phase | None, compilation: Compilation, *, shell: Shell) -> Phase:
    """Show what was found so far on stderr; stop where the phase has no result."""
    if compilation.diagnostics.all:
        shell.diagnose(compilation.diagnostics.all, sys.stderr)
    if phase is None:
        click.get_current_context().exit(Exit.MODEL)
    return phase
