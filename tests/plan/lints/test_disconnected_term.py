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
