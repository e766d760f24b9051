"""Who draws: exact methods first, then kernels that find their own steps; by cost."""

from __future__ import annotations

import pytest

from ebmdsl.concepts.facts import Curvature, Facts, Smoothness
from ebmdsl.concepts.problem import Problem, Rough
from ebmdsl.plan.draw import Drawer, drawer_of
from ebmdsl.std.samplers.hmc import Hmc
from ebmdsl.std.samplers.langevin import Langevin
from tests.plan.plans import plan_of

SMOOTH = Facts(smoothness=Smoothness.ANALYTIC)
BOWL = Facts(degree=2, curvature=Curvature.CONVEX, low=0)
HEAD = """model m
observed y : real[4]
latent z : real[20]
param W : real[4, 20]
cost e = sq(y - tanh(W @ z))
regularizer small = sq(z)
"""


def drawer(problem: Problem, *, beta: float = 1.0) -> Drawer:
    found = drawer_of(problem, beta=beta)
    assert isinstance(found, Drawer)
    return found


@pytest.mark.parametrize(
    ("problem", "word"),
    [
        (Problem(("z",), 3, "real", SMOOTH, evaluation=50), "metropolis"),
        (Problem(("z",), 40, "real", SMOOTH, evaluation=50), "hmc"),
        (Problem(("z",), 40, "real", BOWL, (Rough("l1(z)", "l1"),)), "metropolis"),
        (Problem(("z",), 12, "binary", SMOOTH, states=2**12), "exhaustive_sum"),
        (Problem(("z",), 12, "spin", Facts(degree=1), states=2**12), "independent_units"),
        (Problem(("z",), 60, "spin", SMOOTH, states=2**60, evaluation=3600), "gibbs"),
    ],
    ids=lambda one: one if isinstance(one, str) else f"{one.domain}-{one.size}",
)
def test_the_best_one_draws(problem: Problem, word: str) -> None:
    assert drawer(problem).word == word


def test_nobody_draws_on_a_sphere() -> None:
    found = drawer_of(Problem(("z",), 3, "sphere", SMOOTH))
    assert not isinstance(found, Drawer)
    assert {each.method for each in found} >= {"gibbs", "hmc", "langevin", "mala", "metropolis"}


def test_every_other_one_has_a_reason() -> None:
    found = drawer(Problem(("z",), 40, "real", SMOOTH, evaluation=50))
    reasons = {each.method: each.reason for each in found.rejected}
    assert reasons["langevin"].startswith("it would work; it refuses nothing")
    assert reasons["mala"].startswith("it would work; it takes the length of its steps")
    assert reasons["metropolis"].startswith("it would work, at about")
    assert "infinitely many" in reasons["gibbs"]


def test_beta_multiplies_the_energy() -> None:
    assert drawer(Problem(("z",), 40, "real", SMOOTH), beta=4).sampler == Hmc(
        steps=100, temperature=0.25, accept=0.8, warm=50
    )
    plan, _ = plan_of(f"{HEAD}infer z by sample(beta = 2) with langevin(temperature = 3)\n")
    assert plan is not None
    assert plan.eliminations[0].sampler == Langevin(temperature=1.5)


def test_what_the_file_names_stops_to_adapt_halfway() -> None:
    plan, _ = plan_of(f"{HEAD}infer z by sample with hmc(steps = 20, accept = 70%)\n")
    assert plan is not None
    assert plan.eliminations[0].sampler == Hmc(steps=20, accept=0.7, warm=10)


def test_a_kernel_that_cannot_take_the_energy_is_refused_at_its_place() -> None:
    text = HEAD.replace("sq(z)", "l1(z)") + "infer z by sample with mala(steps = 3)\n"
    plan, found = plan_of(text)
    assert plan is None
    (said,) = [each for each in found if each.id == "unsuitable-sampler"]
    assert said.span.line == 7
    assert "`mala` cannot draw from this energy" in said.message
