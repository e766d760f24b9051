"""Latents that are drawn, against enumeration, quadrature and closed forms."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import Tensor

from ebmdsl.lower.module import EnergyModule
from ebmdsl.lower.seed import Randomness
from tests.lower.programs import MIXTURE, UNITS, module, samples

ERRORS = 4.5
SPARSE = """model sparse
observed y : real[3]
latent z : real[2]
param W : real[3, 2]
cost recon = sq(y - W @ z) / 2
regularizer sparse = 0.5 * l1(z)
infer z by {how}
"""
CURVED = """model curved
observed y : real[3]
latent z : real[2]
param W : real[3, 2]
cost recon = sq(y - tanh(W @ z))
regularizer small = sq(z) / 2
infer z by {how}
"""
SPINS = """model spins
observed y : real[4]
latent s : spin[4]
param W : real[4, 4]
cost pairs = -dot(s, W @ s) / 2 - dot(y, s)
infer s by {how}
"""
PLACES = torch.linspace(-7, 7, 141, dtype=torch.float64)
GRID = torch.cartesian_prod(PLACES, PLACES)
SIGNS = torch.tensor(list(product((-1.0, 1.0), repeat=4)), dtype=torch.float64)


def drawn(model: EnergyModule, name: str, y: Tensor, *, step: int = 0) -> Tensor:
    """Return one draw for every sample."""
    return model.solve({"y": y}, randomness=Randomness(3, step)).assignment[name]


def expect_posterior(
    model: EnergyModule, name: str, points: Tensor, *, y: Tensor, beta: float
) -> None:
    """Compare the moments of many draws with a sum over points."""
    known = {"y": y.expand(len(points), -1), name: points}
    weights = (-beta * model.energy(known).detach()).softmax(0)
    z = drawn(model, name, y.expand(5_000, -1))
    for power in (1, 2):
        value, exact = z**power, weights @ points**power
        error = ((points**power - exact) ** 2).T @ weights / len(z)
        assert ((value.mean(0) - exact).abs() < ERRORS * error.sqrt() + 1e-12).all()
    both = weights @ points.prod(-1)
    spread = weights @ (points.prod(-1) - both) ** 2 / len(z)
    assert (z.prod(-1).mean() - both).abs() < ERRORS * spread.sqrt() + 1e-12


@pytest.mark.parametrize(
    ("text", "how", "word"),
    [
        (SPARSE, "sample", "metropolis"),
        (SPARSE, "sample(beta = 2)", "metropolis"),
        (CURVED, "sample", "metropolis"),
        (CURVED, "sample(beta = 3) with hmc(steps = 60, accept = 80%)", "hmc"),
        (CURVED, "sample with mala(steps = 200, rate = 0.05)", "mala"),
        (CURVED, "sample(beta = 0.5) with hmc(steps = 60, accept = 80%) from y[0]", "hmc"),
    ],
)
def test_a_chain_ends_in_the_posterior(text: str, how: str, word: str) -> None:
    model = module(text.format(how=how))
    (step,) = model.plan.eliminations
    assert step.method == word
    expect_posterior(model, "z", GRID, y=samples(1, 3), beta=step.beta)


@pytest.mark.parametrize(
    ("how", "exact"),
    [("sample", True), ("sample(beta = 2) with gibbs(steps = 40)", False)],
)
def test_spins_are_drawn_from_their_posterior(how: str, exact: bool) -> None:
    model = module(SPINS.format(how=how))
    (step,) = model.plan.eliminations
    assert (step.marginalizer is not None) == exact
    expect_posterior(model, "s", SIGNS, y=samples(1, 4), beta=step.beta)


@pytest.mark.parametrize(("text", "name", "size"), [(UNITS, "h", 4), (MIXTURE, "z", 2)])
def test_an_exact_draw_has_the_mean_that_marginalization_finds(
    text: str, name: str, size: int
) -> None:
    drawing, summing = module(text.replace("marginalize", "sample")), module(text)
    assert drawing.plan.eliminations[0].marginalizer is not None
    y = samples(1, size)
    mean = summing.solve({"y": y}).assignment[name]
    z = drawn(drawing, name, y.expand(5_000, -1))
    error = (mean * (1 - mean) / len(z)).sqrt()
    assert ((z.mean(0) - mean).abs() < ERRORS * error).all()


def test_the_gradient_of_the_energy_at_draws_is_that_of_f() -> None:
    y = samples(1, 4)
    text = UNITS.replace("beta = 1.5", "beta = 1")
    summing, drawing = module(text), module(text.replace("marginalize", "sample"))
    summing.solve({"y": y}).value.sum().backward()
    wide = y.expand(40_000, -1)
    drawing.solve({"y": wide}, randomness=Randomness(1)).value.mean().backward()
    for exact, found in zip(summing.parameters(), drawing.parameters(), strict=True):
        assert exact.grad is not None
        assert found.grad is not None
        torch.testing.assert_close(found.grad, exact.grad, rtol=0, atol=0.03)


def test_a_seed_gives_one_draw_and_each_step_its_own() -> None:
    model, y = module(CURVED.format(how="sample")), samples(5, 3)
    assert torch.equal(drawn(model, "z", y), drawn(model, "z", y))
    assert not torch.equal(drawn(model, "z", y), drawn(model, "z", y, step=1))


def test_a_chain_without_steps_stays_where_the_file_starts_it() -> None:
    model = module(CURVED.format(how="sample with langevin(steps = 0) from y[0]"))
    y = samples(4, 3)
    assert torch.equal(drawn(model, "z", y), y[:, :1].expand(-1, 2))


def test_a_broken_sample_leaves_the_others_alone() -> None:
    model, y = module(CURVED.format(how="sample with hmc")), samples(3, 3)
    whole = drawn(model, "z", y)
    broken = y.clone()
    broken[1] = torch.nan
    kept = drawn(model, "z", broken)
    assert torch.equal(kept[[0, 2]], whole[[0, 2]])
