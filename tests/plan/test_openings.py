"""Where a loss replaces nodes, F is planned anew, once for each set of them."""

from __future__ import annotations

from ebmdsl.compilation import compile

TEXT = """model m
observed y : real[4]
latent z : real[3]
param W : real[4, 3]
net enc = linear(3)
encoder zhat = enc(y)
cost recon = sq(y - W @ z)
cost agree = sq(z - zhat)
infer z by minimize
loss a = F(zhat = 0) + F(zhat = 1)
loss b = F(y = 0)
train by energy with adam(1e-3)
"""


def test_each_set_of_nodes_has_a_plan() -> None:
    plan = compile(TEXT).plan
    assert plan is not None
    ((names, there),) = plan.openings
    assert names == {"zhat"}
    (step,) = there.eliminations
    assert step.names == ("z",)
    assert "enc" not in step.objective.names
    assert not there.updates


def test_a_program_that_replaces_no_node_has_no_other_plan() -> None:
    text = TEXT.replace("loss a = F(zhat = 0) + F(zhat = 1)\n", "")
    plan = compile(text).plan
    assert plan is not None
    assert plan.openings == ()
