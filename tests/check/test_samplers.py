"""Samplers that are coming: their options are known, and others are mistakes."""

from __future__ import annotations

import pytest

from ebmdsl.check.samplers import COMING_SAMPLERS
from ebmdsl.concepts.base import find
from ebmdsl.concepts.kinds import Sampler
from tests.check.programs import checked, messages

HEAD = "model m\nobserved y : real[2]\ncost e = sq(y)\n"


@pytest.mark.parametrize("word", sorted(COMING_SAMPLERS))
def test_a_sampler_that_is_there_is_taken_off_the_table(word: str) -> None:
    assert find(Sampler, word) is None


def test_options_are_kept_by_name() -> None:
    text = HEAD + "negative n from metropolis(start = y, steps = 9, scale = 0.5)\n"
    found = checked(text).find("n")
    assert found is not None
    assert found.drawn is not None
    assert found.drawn.options == (("steps", 9), ("scale", 0.5))


def test_an_unknown_option_is_told_the_nearest() -> None:
    (told,) = messages(HEAD + "negative n from metropolis(start = y, scales = 0.5)\n")
    assert told == "`metropolis` has no option `scales` | did you mean `scale`?"
