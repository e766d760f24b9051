"""Terms that no chain of shared variables connects to what is observed."""

from __future__ import annotations

import pytest

from tests.plan.lints.said import ids

HEAD = """model m(lam = 0.5)
observed y : real[4]
latent z : real[2]
param W : real[4, 2]
param v : real[4]
cost recon = sq(y - W @ z)
{more}
infer z by minimize
train by energy
"""


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ("cost c = 1", 1),
        ("cost c = lam", 1),
        ("regularizer r = sq(v)", 1),
        ("regularizer r = sq(v)\nregularizer s = l1(v)", 2),
        ("cost c = 0 * sq(v)", 0),
        ("regularizer r = sq(W)", 0),
        ("regularizer r = sq(z)", 0),
        ("regularizer r = sq(v)\ncost c = sq(v - y)", 0),
        ("regularizer r = sq(v)\ncost c = dot(v, W @ z)", 0),
        ("regularizer r = sq(v)\nloss l = sq(v - y)", 0),
    ],
)
def test_what_nothing_connects_is_reported(more: str, count: int) -> None:
    assert ids(HEAD.format(more=more)).count("disconnected-term") == count


def test_what_acts_through_f_at_another_point_is_connected() -> None:
    program = """model m
observed y : real[4]
random u : real[2] ~ normal
net G = linear(4)
net D = linear(8) |> silu |> linear(1)
generator fake = G(u)
cost logit = D(y)
regularizer small = sq(fake)
train D by minimize(softplus(F) + softplus(-F(fake)))
train G by minimize(softplus(F(fake)))
"""
    assert "disconnected-term" not in ids(program)
