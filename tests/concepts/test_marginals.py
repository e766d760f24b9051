"""Marginalizers: every word says what it is, and who draws can be asked to."""

from __future__ import annotations

import pytest

from ebmdsl.concepts.base import default, words
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.marginals import Marginalizer
from ebmdsl.concepts.problem import Accept, Problem, Refuse

NOTHING = Problem(("z",), size=2, domain="triangle", smooth=Facts())


@pytest.mark.parametrize("word", words(Marginalizer))
def test_every_word_takes_a_problem_or_says_why_not(word: str) -> None:
    verdict = default(Marginalizer, word).accepts(NOTHING)
    match verdict:
        case Accept():
            assert verdict.certificate
        case Refuse():
            assert len(verdict.reason.split()) >= 4


@pytest.mark.parametrize("word", words(Marginalizer))
def test_a_bound_is_not_called_exact(word: str) -> None:
    made = default(Marginalizer, word)
    assert not (made.exact and made.bound)
