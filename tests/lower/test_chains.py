"""Chains of observed variables: they leave exp(-F) as it is, whatever route they take."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor

from ebmdsl.concepts.kinds import Sampler
from ebmdsl.lower.chains import Chains
from ebmdsl.lower.module import EnergyModule
from ebmdsl.std.samplers.gibbs import Gibbs
from ebmdsl.std.samplers.hmc import Hmc
from ebmdsl.std.samplers.langevin import Langevin
from ebmdsl.std.samplers.mala import Mala
from ebmdsl.std.samplers.metropolis import Metropolis
from tests.lower.programs import module

ERRORS = 4.5
CHAINS = 4_000
RBM = """model rbm
observed y : binary[5]
latent h : binary[3]
param W : real[5, 3]
param b : real[5]
param c : real[3]
cost pairs = -2 * (y @ W @ h)
cost bias = -dot(b, y) - dot(c, h)
infer h by {how}
"""
MIXED = """model mixed
observed y : real[1]
latent h : onehot[3]
param W : real[1, 3]
cost distance = 2 * sq(y - 4 * (W @ h))
infer h by {how}
"""
VISIBLE = """model visible
observed y : spin[4]
given x : real[2]
param W : real[4, 4]
param V : real[2, 4]
cost pairs = -dot(y, W @ y) - x @ V @ y
"""
PAIRS = """model two
observed y : real[1]
observed l : binary[1]
param a : real[1]
cost e = sq(y - a) / 2 + dot(l, l)
"""


def gen(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def bits(count: int, low: float = 0.0) -> Tensor:
    return torch.tensor(list(product((low, 1.0), repeat=count)), dtype=torch.float64)


def free(model: EnergyModule, points: Tensor, **values: Tensor) -> Tensor:
    with torch.no_grad():
        return model.solve({"y": points, **values}).value


def expect_counts(found: Tensor, points: Tensor, weights: Tensor) -> None:
    """Compare how often each state was visited with its probability."""
    same = (found.unsqueeze(1) == points).all(-1).double()
    assert same.sum(-1).eq(1).all()
    error = (weights * (1 - weights) / len(found)).sqrt()
    assert ((same.mean(0) - weights).abs() < ERRORS * error + 1e-12).all()


@pytest.mark.parametrize(
    ("how", "sampler", "route"),
    [
        ("marginalize", Gibbs(steps=2), "joint"),
        ("sample", Gibbs(steps=2), "joint"),
        ("marginalize(beta = 2)", Gibbs(steps=2), "free"),
        ("marginalize(beta = 2)", Gibbs(steps=2, temperature=0.5), "joint"),
        ("minimize", Gibbs(steps=2), "free"),
    ],
)
def test_the_law_of_binary_variables_stays(how: str, sampler: Gibbs, route: str) -> None:
    model, points = module(RBM.format(how=how)), bits(5)
    chains = Chains(model)
    assert chains.kernel(sampler, ("y",)).route == route
    exact = model if how != "sample" else module(RBM.format(how="marginalize"))
    weights = (-free(exact, points) / sampler.temperature).softmax(0)
    start = points[torch.multinomial(weights, CHAINS, True, generator=gen())]
    end = chains.walk(sampler, start={"y": start}, values={}, rng=gen(1))
    expect_counts(end.points["y"], points, weights)
    assert not torch.equal(end.points["y"], start)
    assert torch.equal(end.accepted, torch.ones(CHAINS, dtype=torch.float64))


def test_the_law_is_reached_by_drawing_in_turn() -> None:
    model, points = module(RBM.format(how="marginalize")), bits(5)
    weights = (-free(model, points)).softmax(0)
    start = {"y": torch.ones(CHAINS, 5, dtype=torch.float64)}
    end = Chains(model).walk(Gibbs(steps=60), start=start, values={}, rng=gen(2))
    expect_counts(end.points["y"], points, weights)


def test_what_is_given_stays_and_matters() -> None:
    model, points = module(VISIBLE), bits(4, -1.0)
    x = torch.tensor([[1.5, -1.0]], dtype=torch.float64)
    weights = (-free(model, points, x=x.expand(16, -1))).softmax(0)
    start = {"y": torch.ones(CHAINS, 4, dtype=torch.float64)}
    given = {"x": x.expand(CHAINS, -1)}
    end = Chains(model).walk(Gibbs(steps=60), start=start, values=given, rng=gen(3))
    expect_counts(end.points["y"], points, weights)


@pytest.mark.parametrize(
    "sampler",
    [
        Metropolis(steps=300, scale=2.0),
        Mala(steps=300, rate=0.05),
        Langevin(steps=400, rate=0.01),
        Hmc(steps=60, rate=0.2),
    ],
    ids=lambda one: one.word,
)
@pytest.mark.parametrize("how", ["marginalize", "minimize"])
def test_the_law_of_real_variables_is_reached(sampler: Sampler, how: str) -> None:
    model = module(MIXED.format(how=how))
    points = torch.linspace(-8, 8, 1601, dtype=torch.float64).unsqueeze(-1)
    weights = (-free(model, points)).softmax(0)
    start = {"y": points[torch.multinomial(weights, 1000, True, generator=gen())]}
    end = Chains(model).walk(sampler, start=start, values={}, rng=gen(4))
    for power in (1, 2):
        exact = weights @ points**power
        error = (weights @ (points**power - exact) ** 2 / 1000).sqrt()
        bias = 0.02 if isinstance(sampler, Langevin) else 0.0
        assert ((end.points["y"] ** power).mean(0) - exact).abs() < ERRORS * error + bias
    assert ((end.accepted > 0.2) & (end.accepted <= 1)).all()


def test_a_chain_goes_on_with_what_it_learned() -> None:
    model = module(MIXED.format(how="marginalize"))
    sampler: Any = Hmc(steps=5, accept=0.8, warm=20)
    start = {"y": torch.zeros(50, 1, dtype=torch.float64)}
    chains, source = Chains(model), gen(5)
    walked = chains.walk(sampler, start=start, values={}, rng=source)
    again = chains.walk(sampler, start=walked.points, values={}, rng=source, chain=walked.chain)
    assert (walked.chain.tuning[:, 3] == 5).all()
    assert (again.chain.tuning[:, 3] == 10).all()


def test_a_sampler_that_cannot_take_the_energy_is_refused() -> None:
    chains = Chains(module(RBM.format(how="marginalize")))
    start = {"y": torch.zeros(2, 5, dtype=torch.float64)}
    with pytest.raises(ValueError, match="`mala` cannot move"):
        chains.walk(Mala(), start=start, values={}, rng=gen())


def test_other_observed_variables_stay() -> None:
    model = module(PAIRS)
    start = {"y": torch.zeros(CHAINS, 1, dtype=torch.float64)}
    values = {"l": torch.ones(CHAINS, 1, dtype=torch.float64)}
    walked = Chains(model).walk(Mala(steps=200), start=start, values=values, rng=gen())
    mean = float(model.weights["a"].detach())
    assert float(walked.points["y"].mean()) == pytest.approx(mean, abs=ERRORS / CHAINS**0.5)


def test_how_many_steps_are_accepted_is_kept_until_it_is_asked_for() -> None:
    model = module(MIXED.format(how="marginalize"))
    chains, source = Chains(model), gen(6)
    start = {"y": torch.zeros(200, 1, dtype=torch.float64)}
    walks = [
        chains.walk(Metropolis(steps=20, scale=scale), start=start, values={}, rng=source)
        for scale in (0.5, 20.0)
    ]
    mean = float(torch.stack([walked.accepted for walked in walks]).mean())
    assert chains.acceptance() == pytest.approx({"metropolis": mean})
    chains.walk(Langevin(steps=3), start=start, values={}, rng=source)
    assert chains.acceptance() == {}
