"""What limits the volume of low energy is proved."""

from __future__ import annotations

import pytest

from ebmdsl.plan.volume import grows
from tests.check.programs import term
from tests.plan.plans import plan_of, planned

HEAD = """model m
observed y : real[4]
latent z : {latent}
param W : real[4, 8] {constraint}
param a : positive
param b : real
net enc = linear(8)
cost recon = sq(y - W @ z)
{more}
infer z by minimize
"""


@pytest.mark.parametrize(
    ("expression", "known"),
    [
        ("sq(z)", True),
        ("a * l1(z)", True),
        ("l2(2 * z)", True),
        ("sq(z - W.T @ y)", True),
        ("b * l1(z)", False),
        ("sq(W @ z)", False),
        ("sum(z)", False),
        ("sum(exp(z))", False),
        ("sq(z - z^2)", False),
        ("std(z)", False),
    ],
)
def test_growing_without_bound_is_proved(expression: str, known: bool) -> None:
    body = HEAD.format(latent="real[8]", constraint="", more=f"cost e = {expression}")
    assert grows(term(body).node, "z") is known


def test_the_sentences_say_no_more_than_is_proved() -> None:
    more = "cost e = sq(W @ z) + l2(z)"
    body = HEAD.format(latent="real[8]", constraint="", more=more) + "train W by energy\n"
    plan, _ = plan_of(body)
    assert plan is not None
    assert set(plan.volume) == {
        "`‖z‖₂` makes large values of `z` expensive",
        "`‖W z‖²` leaves only some values of `z` cheap",
    }
    assert planned("kmeans").volume == ("`z` has only 5 states",)


def test_an_energy_without_latents_may_grow_by_itself() -> None:
    head = "model m\nobserved y : real[3]\nparam m : real[3]\nparam A : real[3, 3]\n"
    plan, _ = plan_of(head + "cost e = sq(y - m)\ntrain m by energy\n")
    assert plan is not None
    assert plan.volume == ("`‖m − y‖²` grows with `y` whatever the parameters are",)
    plan, _ = plan_of(head + "cost e = sq(A @ y)\ntrain A by energy\n")
    assert plan is not None
    assert plan.volume == ()
