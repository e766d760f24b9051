"""Fixes: made, and applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.source.diagnostic import Fix
from ebmdsl.source.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ebmdsl.source.text import Source, Span


def respelled(span: Span, word: str, *, known: Iterable[str]) -> Fix | None:
    """The one nearest word in the place of a misspelt one; a person must look at it."""
    near = nearest(word, tuple(known))
    return Fix(span, near[0], safe=False) if len(near) == 1 and span.text == word else None


def compatible(fixes: Iterable[Fix]) -> list[Fix]:
    """The fixes in the order of the text; of some that overlap or meet, the first."""
    chosen: list[Fix] = []
    for fix in sorted(fixes, key=lambda fix: (fix.span.start, fix.span.end)):
        if not chosen or fix.span.start > chosen[-1].span.end:
            chosen.append(fix)
    return chosen


def applied(source: Source, fixes: Iterable[Fix]) -> str:
    """The text after those fixes of it that can be made at once."""
    pieces: list[str] = []
    at = 0
    for fix in compatible(each for each in fixes if each.span.source is source):
        pieces += source.text[at : fix.span.start], fix.replacement
        at = fix.span.end
    return "".join([*pieces, source.text[at:]])
