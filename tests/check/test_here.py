"""Places where expressions are read, and what a call there may be given."""

from __future__ import annotations

from tests.check.programs import messages, said

HEAD = "model m\nobserved y : real[4]\n"


def test_a_range_is_no_value() -> None:
    assert messages(HEAD + "cost e = sq(0..2)\n") == ["a range is no value | "]


def test_values_go_by_position() -> None:
    (told,) = messages(HEAD + "func f(u) = sq(u)\ncost e = f(u = y)\n")
    assert told.startswith("`f` takes no argument by name")


def test_every_argument_is_read() -> None:
    assert said(HEAD + "cost e = dot(a, b)\n") == [
        ("unknown-name", 3, 14),
        ("unknown-name", 3, 17),
    ]
