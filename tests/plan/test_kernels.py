"""What a sampler of observed variables is run on: the energy, both in turn, or F."""

from __future__ import annotations

import pytest

from ebmdsl.concepts.kinds import Sampler
from ebmdsl.concepts.problem import Refuse
from ebmdsl.plan.kernels import Kernel, kernel, moved_by
from ebmdsl.std.samplers.gibbs import Gibbs
from ebmdsl.std.samplers.langevin import Langevin
from ebmdsl.std.samplers.mala import Mala
from tests.plan.plans import plan_of

RBM = """model rbm
observed y : binary[5]
latent h : binary[3]
param W : real[5, 3]
cost pairs = -(y @ W @ h)
"""
PLAIN = """model plain
observed y : real[2]
net f = linear(3) |> tanh |> linear(1)
cost height = f(y)
regularizer confine = sq(y)
"""
KINKED = """model kinked
observed y : real[2]
latent z : real[3]
param W : real[2, 3]
cost recon = l1(y - W @ z)
regularizer small = sq(z)
infer z by minimize
"""


def chosen(program: str, sampler: Sampler) -> Kernel | Refuse:
    plan, found = plan_of(program)
    assert plan is not None, [each.message for each in found]
    names = tuple(each.name for each in plan.model.with_role("observed"))
    return kernel(plan, sampler, names=names)


@pytest.mark.parametrize(
    ("infer", "sampler", "route"),
    [
        ("infer h by marginalize\n", Gibbs(), "joint"),
        ("infer h by sample\n", Gibbs(), "joint"),
        ("infer h by marginalize(beta = 4)\n", Gibbs(temperature=0.25), "joint"),
        ("infer h by marginalize(beta = 4)\n", Gibbs(), "free"),
        ("infer h by minimize\n", Gibbs(), "free"),
    ],
)
def test_latents_are_drawn_in_turn_where_that_is_the_law(
    infer: str, sampler: Gibbs, route: str
) -> None:
    found = chosen(RBM + infer, sampler)
    assert isinstance(found, Kernel)
    assert found.route == route
    assert (found.step is None) == (route == "free")


def test_the_reason_names_both_halves() -> None:
    found = chosen(RBM + "infer h by marginalize\n", Gibbs())
    assert isinstance(found, Kernel)
    assert found.reason == (
        "`h` given `y` by independent_units, then `y` given `h` by independent_units"
    )


def test_without_latents_the_energy_itself_is_walked_on() -> None:
    found = chosen(PLAIN, Langevin(steps=3))
    assert isinstance(found, Kernel)
    assert found.route == "energy"
    assert found.step is not None
    assert found.step.sampler == Langevin(steps=3)


@pytest.mark.parametrize(
    ("program", "sampler", "reason"),
    [
        (KINKED, Mala(), "has a kink"),
        (PLAIN, Gibbs(), "infinitely many"),
        (RBM + "infer h by marginalize\n", Mala(), "finitely many"),
    ],
)
def test_a_sampler_that_does_not_suit_says_why(
    program: str, sampler: Sampler, reason: str
) -> None:
    found = chosen(program, sampler)
    assert isinstance(found, Refuse)
    assert reason in found.reason


def test_the_chains_of_contrastive_points_are_planned() -> None:
    plan, _ = plan_of(
        f"{RBM}infer h by marginalize\nnegative yn from gibbs(start = y, steps = 3)\n"
        "train W by minimize(F - F(yn))\n"
    )
    assert plan is not None
    ((name, way),) = plan.chains
    assert (name, way.route, way.sampler) == ("yn", "joint", Gibbs(steps=3))


def test_chains_that_cannot_take_the_energy_are_refused_where_they_are_declared() -> None:
    text = f"{KINKED}negative yn from mala(start = y)\ntrain W by minimize(F - F(yn))\n"
    plan, found = plan_of(text)
    assert plan is None
    (said,) = [each for each in found if each.id == "unsuitable-sampler"]
    assert said.span.line == 8
    assert "has a kink" in said.message


def test_a_negative_moves_what_it_starts_from() -> None:
    text = PLAIN.replace("observed y", "observed x : real[3]\nobserved y")
    plan, _ = plan_of(text + "negative yn from mala(start = y)\ntrain by minimize(F)\n")
    assert plan is not None
    declared = plan.model.find("yn")
    assert declared is not None
    assert moved_by(plan.model, declared) == ("y",)
