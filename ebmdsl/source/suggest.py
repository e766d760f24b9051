"""Did you mean …?"""

from __future__ import annotations

from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def suggest(word: str, known: Iterable[str]) -> str:
    """The known word that is nearest to a misspelt one, or nothing if none is near."""
    words = {each.casefold(): each for each in sorted(set(known), reverse=True) if each != word}
    same = [each for each in words if _alike(word.casefold(), each)]
    near = get_close_matches(word.casefold(), same, n=1, cutoff=0.6 if len(word) > 2 else 0.5)
    return words[near[0]] if near else ""


def _alike(word: str, other: str) -> bool:
    """Whether one may be the other misspelt: slips are few, and seldom in the first letter."""
    if len(word) <= 2:
        return abs(len(word) - len(other)) <= 1
    return word[:1] == other[:1] or SequenceMatcher(None, word, other).ratio() >= 0.75


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question that names the nearest known word, or nothing."""
    near = suggest(word, known)
    return f"did you mean `{near}`?" if near else ""
