"""Did you mean …?"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def suggest(word: str, known: Iterable[str]) -> str:
    """The known word that is nearest to a misspelt one, or nothing if none is near."""
    words = {each.casefold(): each for each in sorted(set(known), reverse=True) if each != word}
    cutoff = 0.6 if len(word) > 2 else 0.5
    near = get_close_matches(word.casefold(), words, n=1, cutoff=cutoff)
    return words[near[0]] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question that names the nearest known word, or nothing."""
    near = suggest(word, known)
    return f"did you mean `{near}`?" if near else ""
