"""Facts about what latents leave: how smooth it is, and whether it is convex."""

from __future__ import annotations

from ebmdsl.concepts.facts import Curvature, Facts, Smoothness
from ebmdsl.expr.prove import prove
from ebmdsl.plan.inside import free_energy, nested
from tests.plan.plans import plan_of

HEAD = """model m
observed y : real[4]
latent k : onehot[3]
latent z : real[2]
param mu : real[4, 3]
param W : real[4, 2]
cost recon = sq(y - mu @ k - W @ z) + sq(z)
"""
CONVEX = """model m
observed y : real[4]
latent a : real[2]
latent z : real[2]
param V : real[4, 2]
param W : real[4, 2]
cost recon = sq(y - V @ a - W @ z) + sq(z)
"""


def _facts(text: str, *, names: str) -> Facts:
    plan, found = plan_of(text)
    assert plan is not None, [each.message for each in found]
    (inside,) = nested(plan.eliminations[-1].own or plan.energy)
    assert inside.step is not None
    node = free_energy(inside.step)
    assert not node.names & {*inside.step.names}
    return prove(node, frozenset({names}))


def test_a_sum_over_states_is_as_smooth_as_the_energy() -> None:
    facts = _facts(HEAD + "infer k by marginalize\ninfer z by minimize\n", names="z")
    assert facts.smoothness is Smoothness.ANALYTIC
    assert facts.degree is None
    assert facts.curvature is Curvature.UNKNOWN


def test_a_minimum_over_states_has_kinks() -> None:
    facts = _facts(HEAD + "infer k by minimize\ninfer z by marginalize\n", names="z")
    assert facts.smoothness is Smoothness.C0


def test_a_minimum_of_a_jointly_convex_energy_is_convex() -> None:
    told = "infer z by minimize with closed_form\ninfer a by marginalize\n"
    facts = _facts(CONVEX + told, names="a")
    assert facts.curvature is Curvature.CONVEX
    assert facts.smoothness is Smoothness.C1
