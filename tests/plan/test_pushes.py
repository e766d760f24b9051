"""What a loss does to the energy at each point: read off the direction in which it moves."""

from __future__ import annotations

import pytest

from ebmdsl.plan.pushes import Pushes, pushes
from tests.plan.plans import plan_of

HEAD = """model m
observed y : real[2]
param m : real[2]
random e : real[2] ~ normal
let far = y + e
cost miss = sq(y - m)
"""


def of(loss: str) -> Pushes:
    plan, found = plan_of(f"{HEAD}train by minimize({loss})\n")
    assert plan is not None, [each.message for each in found]
    return pushes(plan.updates[0].objective)


@pytest.mark.parametrize(
    "loss",
    [
        "F - F(far)",
        "relu(1 + F - F(far))",
        "softplus(F - F(far))",
        "F + relu(2 - F(far))^2",
        "softplus(F) + softplus(-F(far))",
    ],
)
def test_a_contrast_pushes_down_here_and_up_there(loss: str) -> None:
    found = of(loss)
    assert found.down == ("F",)
    assert len(found.up) == 1
    assert found.up[0].startswith("F(y = ")
    assert found.weighed == ()


def test_a_generator_pushes_its_own_points_down() -> None:
    found = of("softplus(F(far))")
    assert (len(found.down), found.up) == (1, ())
    assert found.down[0].startswith("F(y = ")


def test_a_likelihood_pushes_up_everywhere() -> None:
    assert of("F + logZ").up == ("log Z, at every point",)


def test_what_is_not_proved_is_not_claimed() -> None:
    found = of("(F - F(far))^2")
    assert (found.down, found.up) == ((), ())
    assert len(found.weighed) == 2
