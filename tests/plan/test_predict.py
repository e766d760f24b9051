"""How observed variables are found: at once with the latents, or with the latents inside."""

from __future__ import annotations

import pytest

from ebmdsl.plan.plan import Eliminate
from tests.plan.plans import plan_of

FACTORS = """model factors
observed y : real[6]
latent z : real[2]
param W : real[6, 2]
cost recon = sq(y - W @ z) / 2
regularizer prior = sq(z) / 2
infer z by {ring}
predict y by minimize{how}
train by energy
"""
MEANS = """model means
observed y : real[2]
latent z : onehot[3]
param W : real[2, 3]
cost distance = sq(y - W @ z) / 2
infer z by {ring}
predict y by minimize
train by energy
"""


def _predicted(text: str) -> Eliminate:
    plan, said = plan_of(text)
    assert plan is not None, said
    (step,) = plan.predictions
    return step


@pytest.mark.parametrize("ring", ["minimize", "marginalize"])
def test_a_joint_quadratic_is_solved_at_once_with_its_latents(ring: str) -> None:
    step = _predicted(FACTORS.format(ring=ring, how=""))
    assert step.method == "closed_form"
    assert step.names == ("y", "z")
    assert step.wanted == ("y",)
    assert step.joined == ("z",)
    assert ("Gaussian" in step.reason) == (ring == "marginalize")


def test_starts_are_for_what_is_predicted_and_search_f_itself() -> None:
    step = _predicted(FACTORS.format(ring="minimize", how=" with lbfgs from starts(-1..1, 3)"))
    assert step.starts == (-1.0, 1.0, 3)
    assert step.names == ("y",)
    assert step.inside == ("z",)
    assert step.method == "lbfgs"
    assert step.certificate.endswith("of F")


def test_latents_of_another_kind_disappear_inside() -> None:
    step = _predicted(MEANS.format(ring="marginalize"))
    assert step.inside == ("z",)
    assert step.joined == ()
    assert "found anew at each point" in step.reason
    refused = {each.method: each.reason for each in step.rejected}
    assert "not a polynomial" in refused["closed_form"]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("infer z by sample with langevin\n", "only the gradient of F is known"),
        ("infer z by minimize(recon)\n", "the slope of F is not known"),
    ],
)
def test_a_free_energy_that_cannot_be_followed_leaves_it_open(wrong: str, reason: str) -> None:
    text = FACTORS.format(ring="minimize", how="").replace("infer z by minimize\n", wrong)
    step = _predicted(text)
    assert step.open
    assert reason in step.reason


def test_without_latents_the_energy_is_searched() -> None:
    step = _predicted(
        "model plain  observed y : real[2]  param m : real[2]\n"
        "cost c = sq(y^2 - m)  predict y by minimize from starts(-2..2, 5)  train by energy\n"
    )
    assert step.inside == ()
    assert step.starts == (-2.0, 2.0, 5)
