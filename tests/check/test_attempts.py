"""Pieces of work fail by themselves."""

from __future__ import annotations

import pytest

from ebmdsl.check.attempts import attempt, each, every
from ebmdsl.check.scope import RejectedError


def halved(number: int) -> int:
    if number % 2:
        raise RejectedError
    return number // 2


def test_an_attempt_is_made_once_and_fails_where_it_is_needed() -> None:
    tried: list[int] = []
    good = attempt(lambda: tried.append(1) or halved(4))
    bad = attempt(lambda: halved(3))
    assert (good(), good(), tried) == (2, 2, [1])
    with pytest.raises(RejectedError):
        bad()


def test_what_fails_is_left_out() -> None:
    assert each(halved, (2, 3, 4)) == (1, 2)


def test_all_are_tried_before_the_failure_of_one_counts() -> None:
    tried: list[int] = []
    with pytest.raises(RejectedError):
        every(lambda number: tried.append(number) or halved(number), (3, 4))
    assert tried == [3, 4]
    assert every(halved, (2, 4)) == (1, 2)
