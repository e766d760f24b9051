"""Room to recurse."""

from __future__ import annotations

import sys

import pytest

from ebmdsl._recursion import deep_recursion


def _depth(left: int) -> int:
    return 0 if left == 0 else 1 + _depth(left - 1)


def test_there_is_more_room_for_a_while() -> None:
    before = sys.getrecursionlimit()
    with pytest.raises(RecursionError):
        _depth(before)
    with deep_recursion():
        assert _depth(10 * before) == 10 * before
    assert sys.getrecursionlimit() == before
