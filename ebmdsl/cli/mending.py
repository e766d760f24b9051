"""Mending programs: apply fixes and check again, until nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from difflib import unified_diff
from typing import TYPE_CHECKING, final

import click

from ebmdsl._record import record
from ebmdsl.cli.shell import current_shell
from ebmdsl.source.fixes import applied, compatible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ebmdsl.source.diagnostic import Diagnostic, Fix
    from ebmdsl.source.text import Source

ROUNDS = 20
COLORS = {"+": "green", "-": "red", "@": "cyan"}


@final
@record
class Mended:
    """A text after all fixes, and how many there were."""

    text: str
    count: int


def mended(
    source: Source, found: Callable[[Source], Iterable[Diagnostic]], *, unsafe: bool
) -> Mended:
    """Apply what can be fixed; a fix may bring up the next one, so look again each time."""
    count = 0
    for _ in range(ROUNDS):
        fixes = _fixes(source, found(source), unsafe=unsafe)
        text = applied(source, fixes)
        if text == source.text:
            break
        count += len(fixes)
        source = _like(source, text)
    return Mended(source.text, count)


def _fixes(source: Source, found: Iterable[Diagnostic], *, unsafe: bool) -> list[Fix]:
    every = (one.fix for one in found if one.fix and (one.fix.safe or unsafe))
    return compatible(fix for fix in every if fix.span.source is source)


def _like(source: Source, text: str) -> Source:
    from ebmdsl.source.text import Source

    return Source(source.name, text)


def show_difference(source: Source, text: str, *, what: str) -> None:
    """Print what would change in a program."""
    shell = current_shell()
    old, new = source.text.splitlines(), text.splitlines()
    for line in unified_diff(old, new, source.name, f"{source.name} ({what})", lineterm=""):
        shell.product(click.style(line, fg=COLORS.get(line[:1])))
