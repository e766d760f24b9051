"""Did you mean …?"""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def suggest(word: str, known: Iterable[str]) -> str:
    """The known word that is nearest to a misspelt one, or nothing if none is near."""
    found = nearest(word, tuple(known))
    return found[0] if found else ""


@lru_cache(maxsize=4096)
def nearest(word: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """The known words that are near to a misspelt one and none nearer; mostly one, or none."""
    words = {each.casefold(): each for each in sorted(set(known), reverse=True) if each != word}
    matcher = SequenceMatcher()
    matcher.set_seq2(word.casefold())
    found: list[tuple[float, str]] = []
    for each in words:
        matcher.set_seq1(each)
        if (score := _likeness(matcher, word.casefold(), other=each)) > 0:
            found.append((score, each))
    best, _ = max(found, default=(0.0, ""))
    return tuple(words[each] for score, each in sorted(found, reverse=True) if score == best)


def _likeness(matcher: SequenceMatcher[str], word: str, *, other: str) -> float:
    """How near two words are; 0 where one is not the other misspelt.

    Slips are few, and seldom in the first letter.
    """
    if len(word) <= 2:
        least = 0.5 if abs(len(word) - len(other)) <= 1 else 1.0
    else:
        least = 0.6 if word[:1] == other[:1] else 0.75
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    score = matcher.ratio()
    return score if score >= least else 0.0


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question that names the nearest known word, or nothing."""
    near = suggest(word, known)
    return f"did you mean `{near}`?" if near else ""
