"""Fixes: made, and applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.source.diagnostic import Fix
from ebmdsl.source.suggest import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ebmdsl.source.text import Source, Span


def respelled(span: Span, word: str, *, known: Iterable[str]) -> Fix | None:
    """The nearest known word in the place of a misspelt one; a person must look at it."""
    near = suggest(word, known)
    return Fix(span, near, safe=False) if near and span.text == word else None


def applied(source: Source, fixes: Iterable[Fix]) -> str:
    """The text after the fixes; of two that overlap, only the first is applied."""
    text, edge = source.text, len(source.text) + 1
    for fix in sorted(fixes, key=lambda fix: (-fix.span.start, fix.span.end)):
        if fix.span.source is source and fix.span.end <= edge:
            text = text[: fix.span.start] + fix.replacement + text[fix.span.end :]
            edge = fix.span.start
    return text
