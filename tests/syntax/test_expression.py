"""Expressions as data."""

from __future__ import annotations

import pytest

from ebmdsl.syntax.expression import Binary, Call, Name, Number, children, walk

A, B, ONE = Name("a"), Name("b"), Number(1)
SUM = Binary("+", A, Call(B, (ONE,)))


def test_a_tree_is_walked_from_outside_and_in_order() -> None:
    assert list(children(SUM)) == [A, Call(B, (ONE,))]
    assert list(walk(SUM)) == [SUM, A, Call(B, (ONE,)), B, ONE]


def test_spelling_does_not_count() -> None:
    assert Number(0.5, "0.50") == Number(0.5)


def test_nodes_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        A.text = "c"  # pyright: ignore[reportAttributeAccessIssue]


def test_nodes_are_matched_by_shape() -> None:
    match SUM:
        case Binary("+", Name(left), Call(Name(function), (Number(value),))):
            assert (left, function, value) == ("a", "b", 1)
        case _:
            pytest.fail("no match")
