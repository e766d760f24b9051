"""Minimizers for reports: planned where one asks, however the latents disappear."""

from __future__ import annotations

import pytest

from ebmdsl.plan.plan import Plan
from tests.plan.plans import plan_of

TEXT = """model means
observed y : real[2]
latent z : onehot[3]
param W : real[2, 3]
cost distance = sq(y - W @ z)
infer z by {ring}
train by energy
report least = {what}
"""


def _plan(ring: str, what: str) -> Plan:
    plan, said = plan_of(TEXT.format(ring=ring, what=what))
    assert plan is not None, said
    return plan


def test_a_sum_is_minimized_where_a_report_asks() -> None:
    plan = _plan("marginalize", "min(E(z = mode(z)) - F)")
    (step,) = plan.modes
    assert (step.ring, step.method, step.names) == ("minimize", "exhaustive", ("z",))
    assert plan.eliminations[0].ring == "marginalize"


def test_what_is_minimized_anyway_is_its_own_mode() -> None:
    plan = _plan("minimize", "mean(sq(mode(z)))")
    assert plan.modes == plan.eliminations


@pytest.mark.parametrize("ring", ["minimize", "marginalize"])
def test_nothing_is_planned_that_nobody_asks_for(ring: str) -> None:
    assert _plan(ring, "mean(F)").modes == ()
