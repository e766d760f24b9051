"""Contrastive points that are the samples themselves."""

from __future__ import annotations

import pytest

from tests.plan.lints.said import ids

HEAD = """model m
observed y : binary[8]
param b : real[8]
cost e = -dot(b, y)
{rest}
"""


def _said(rest: str) -> list[str]:
    return [e for e in ids(HEAD.format(rest=rest)) if e == "negatives-equal-positives"]


@pytest.mark.parametrize(
    "rest",
    [
        "train by contrastive_divergence(steps = 0)",
        "train by persistent_contrastive_divergence(steps = 0)",
        "negative yn from gibbs(start = y, steps = 0)\ntrain by minimize(F - F(yn))",
    ],
)
def test_a_chain_without_steps_is_reported(rest: str) -> None:
    assert _said(rest) == ["negatives-equal-positives"]


@pytest.mark.parametrize(
    "rest",
    [
        "train by contrastive_divergence",
        "train by contrastive_divergence(steps = 5)",
        "negative yn from gibbs(start = y, steps = 1)\ntrain by minimize(F - F(yn))",
        "negative yn[i in 0..7] from flip(y, i)\ntrain by minimize(sum[i](F - F(yn[i])))",
        "train by pseudo_likelihood",
    ],
)
def test_what_moves_is_not(rest: str) -> None:
    assert _said(rest) == []


NOISE = """model nce
observed y : real[2]
net f = linear(8) |> silu |> linear(1)
cost height = f(y)
random n : real[2] ~ normal(0, 1)
param c : real {init}
func G(v) = -F(v) - {shift} + nll(normal(0, 1), v)
train by minimize(softplus(-G(y)) + softplus(G(n)))
"""


@pytest.mark.parametrize(
    ("init", "shift", "count"),
    [
        ("", "c", 1),
        ("init 0", "c", 1),
        ("init logZ", "c", 0),
        ("init 1.8", "c", 0),
        ("", "c * sum(v)", 0),
    ],
)
def test_a_constant_must_start_at_log_z(init: str, shift: str, count: int) -> None:
    said = ids(NOISE.format(init=init, shift=shift))
    assert said.count("negatives-equal-positives") == count
