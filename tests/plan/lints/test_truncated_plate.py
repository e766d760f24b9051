"""Sequences whose ends no term sees."""

from __future__ import annotations

import pytest

from tests.plan.lints.said import found

HEAD = """model m
observed y[t in 1..10] : real[2]
latent s[t in {range}] : real[3]
param C : real[2, 3]
{energy}
infer s by minimize
train by energy
"""
SEE = "cost see[t] = sq(y[t] - C @ s[t])"


def _said(energy: str, *, over: str = "1..8") -> list[str]:
    said = found(HEAD.format(energy=energy, range=over))
    return [each.message for each in said if each.id == "truncated-plate"]


def test_what_no_term_sees_is_named() -> None:
    (one,) = _said(SEE)
    assert "runs over 1..8 only: `y[9..10]` is in no term" in one
    (one,) = _said(SEE, over="2..10")
    assert "`y[1]`" in one


@pytest.mark.parametrize(
    ("energy", "over"),
    [
        (SEE, "1..10"),
        (SEE + "\ncost all = sq(y)", "1..8"),
        (SEE + "\ncost rest[t in 9..10] = sq(y[t])", "1..8"),
        ("cost see[t in 1..8] = sq(y[t] - C @ s[t])", "1..8"),
        ("cost step[t] = sq(y[t] - y[t-1] - C @ s[t])", "1..10"),
        ("cost both[t] = sq(y[t] - C @ s[t] - C @ s[t-1])", "1..10"),
        (SEE + "\ncost ends = sq(y[9]) + sq(y[10])", "1..8"),
    ],
)
def test_what_is_seen_or_meant_is_not(energy: str, over: str) -> None:
    assert _said(energy, over=over) == []
