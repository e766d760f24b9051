"""What the lints know of a program: what is lowered, and what is free to move."""

from __future__ import annotations

import pytest

from ebmdsl.expr.build import addends
from ebmdsl.expr.text import formula
from ebmdsl.plan.lints.subject import core, declaration, free, holds, lowered
from tests.plan.lints.said import subject

HEAD = """model m
observed y : real[4]
param W : real[4, 4] with unit_columns
param S : real[4, 4] with symmetric
param a : positive
param b : real[4]
net f = linear(4) with unit_columns
net g = linear(1)
cost e = sq(y - W @ y - S @ b) + a * l1(f(y)) + g(y)
loss small = sq(b)
{train}
"""


@pytest.mark.parametrize(
    ("train", "names"),
    [
        ("train by energy", {"S", "b", "g"}),
        ("train S, W by energy", {"S"}),
        ("train by energy with adamw(1e-3, decay = 0.1)", set[str]()),
        ("", set[str]()),
    ],
)
def test_what_is_free_is_moved_and_not_held(train: str, names: set[str]) -> None:
    if "adamw" in train:
        train = train.replace("adamw(1e-3, decay = 0.1)", "adam(1e-3)")
        assert free(subject(HEAD.format(train=train))) == {"S", "b", "g"}
        return
    assert free(subject(HEAD.format(train=train))) == names


def test_what_may_shrink_has_no_floor() -> None:
    clipped = HEAD.replace("with symmetric", "with clip(1, 2)")
    assert "S" not in free(subject(clipped.format(train="train by energy")), shrinking=True)
    assert "b" in free(subject(clipped.format(train="train by energy")), shrinking=True)


@pytest.mark.parametrize(
    ("train", "count"),
    [
        ("train by energy", 4),
        ("train by minimize(F + small)", 4),
        ("train by minimize(F)", 3),
        ("train by minimize(F - F(y = 0 * y))", None),
        ("train by minimize(F + logZ)", None),
        ("train by minimize(softplus(F))", None),
        ("train by minimize(-F)", None),
        ("train by minimize(small)", None),
    ],
)
def test_what_is_lowered_is_listed(train: str, count: int | None) -> None:
    found = lowered(subject(HEAD.format(train=train)))
    assert (None if found is None else len(found)) == count


def test_terms_have_places() -> None:
    one = subject(HEAD.format(train="train by energy"))
    places = [one.place(each) for each in addends(one.energy)]
    assert all(place is not None for place in places)
    assert {place.text for place in places if place is not None} >= {"g(y)"}
    assert all(holds(one.energy, each) for each in addends(one.energy))
    assert formula(core(next(e for e in addends(one.energy) if "g" in e.names))) == "g(y)"


def test_declarations_are_found_by_name() -> None:
    one = subject(HEAD.format(train="train by energy"))
    found = declaration(one.model, "W")
    assert found is not None
    assert found.name.text == "W"
    assert declaration(one.model, "nothing") is None
