"""Elimination as one sweep: a 3 x 8 grid, of which all 2^24 states are looked at here."""

from __future__ import annotations

import pytest
import torch

from ebmdsl.concepts.buckets import Free, Least
from ebmdsl.lower.module import EnergyModule
from tests.lower.programs import module, samples
from tests.lower.states import GRID

ROWS, COLUMNS = 3, 8
TEXT = GRID.replace("U = 4", f"U = {COLUMNS}")
DRAWS = 40_000
ERRORS = 4.5


def _model(ring: str) -> EnergyModule:
    model = module(TEXT.replace("RING", ring))
    assert model.plan.eliminations[0].method == "variable_elimination"
    with torch.no_grad():
        model.get_parameter("a").fill_(-0.9)
        model.get_parameter("b").fill_(0.4)
    return model


@pytest.fixture(scope="module")
def y() -> torch.Tensor:
    return samples(1, ROWS, COLUMNS)


@pytest.fixture(scope="module")
def energy(y: torch.Tensor) -> torch.Tensor:
    """The energies of all states, column by column: [8, 8, …], the first column first."""
    column = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.float64)] * ROWS)
    turned = 2 * column - 1
    inside = -0.4 * (turned[:, 1:] * turned[:, :-1]).sum(1)
    between = 0.9 * column @ column.T
    total = torch.zeros(1, dtype=torch.float64)
    for j in range(COLUMNS):
        own = inside - column @ y[0, :, j]
        meet = between if j else torch.zeros_like(between[:1])
        total = total.reshape(-1, len(meet), 1) + meet + own
    return total.reshape([2**ROWS] * COLUMNS)


def _means(energy: torch.Tensor, beta: float) -> torch.Tensor:
    share = torch.softmax(-beta * energy.flatten(), 0).reshape(energy.shape)
    column = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.float64)] * ROWS)
    axes = range(COLUMNS)
    laws = [share.sum([other for other in axes if other != j]) for j in axes]
    return torch.stack([law @ column for law in laws], 1).unsqueeze(0)


@pytest.mark.parametrize("beta", [0.5, 1.0, 3.0])
def test_the_free_energy_of_a_grid(beta: float, y: torch.Tensor, energy: torch.Tensor) -> None:
    found = _model(f"marginalize(beta = {beta})").solve({"y": y})
    value = -torch.logsumexp(-beta * energy.flatten(), 0, keepdim=True) / beta
    torch.testing.assert_close(found.value.detach(), value, rtol=1e-12, atol=1e-12)
    mean = _means(energy, beta)
    torch.testing.assert_close(found.assignment["s"], mean, rtol=1e-9, atol=1e-10)
    gap = energy.min() - found.value
    assert 0 <= gap <= ROWS * COLUMNS * torch.log(torch.tensor(2.0)) / beta


def test_the_minimum_of_a_grid(y: torch.Tensor, energy: torch.Tensor) -> None:
    found = _model("minimize").solve({"y": y})
    torch.testing.assert_close(found.value.detach(), energy.amin().reshape(1))


def test_draws_from_a_grid(y: torch.Tensor, energy: torch.Tensor) -> None:
    model = _model("sample")
    drawn = model.solve({"y": y.expand(DRAWS, ROWS, COLUMNS)}).assignment["s"]
    mean = _means(energy, 1.0)[0]
    error = (mean * (1 - mean) / DRAWS).sqrt()
    assert ((drawn.mean(0) - mean).abs() <= ERRORS * error).all()


def test_rings_reduce_what_is_impossible_to_what_is_impossible() -> None:
    joint = torch.tensor([[[1.0, torch.inf], [2.0, torch.inf]]])
    least, where = Least().reduce(joint)
    assert least.tolist() == [[1.0, torch.inf]]
    assert where.shape == (1, 1, 2)
    free, kept = Free(2.0).reduce(joint)
    assert free[0, 1] == torch.inf
    torch.testing.assert_close(free[0, 0], -torch.logsumexp(torch.tensor([-2.0, -4.0]), 0) / 2)
    assert kept is joint
