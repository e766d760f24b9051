"""Targets that a student can drag along."""

from __future__ import annotations

import pytest

from tests.plan.lints.said import ids

HEAD = """model m
given x : real[8]
observed y : real[8]
net teacher = linear(4)
net student = linear(4)
param W : real[8, 4]
param m : real[8]
cost recon = {cost}
loss agree = {loss}
train {train}
"""


def _said(loss: str, cost: str = "sq(y - m)", train: str = "by energy") -> list[str]:
    said = ids(HEAD.format(loss=loss, cost=cost, train=train))
    return [each for each in said if each == "missing-stop"]


def test_two_live_codes_may_agree_on_a_constant() -> None:
    assert _said("sq(teacher(y) - student(x))") == ["missing-stop"]
    assert _said("l1(student(x) - W.T @ y)") == ["missing-stop"]


@pytest.mark.parametrize(
    ("loss", "cost", "train"),
    [
        ("sq(stop(teacher(y)) - student(x))", "sq(y - m)", "student, m by energy"),
        ("sq(teacher(y) - student(x))", "sq(y - W @ teacher(y))", "by energy"),
        ("sq(teacher(y) - student(x)) + l1(W) + sq(W - 1)", "sq(y - m)", "by energy"),
        ("sq(y - m - W @ student(x))", "sq(y - m)", "by energy"),
        ("sq(teacher(y) - 1)", "sq(y - m)", "by energy"),
    ],
    ids=str,
)
def test_what_is_held_is_not(loss: str, cost: str, train: str) -> None:
    assert _said(loss, cost, train) == []
