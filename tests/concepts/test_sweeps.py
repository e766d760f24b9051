"""Sweeps over entries: the same as one entry after the other, and never uphill."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from ebmdsl.concepts.sweeps import Sweep, best_entry, quadratic, shrunk, signs, weights
from ebmdsl.lower.objective import Objective, Smooth
from ebmdsl.lower.quadratic import Hessian, Quadratic
from ebmdsl.lower.regions import Region
from tests.laws.problems import drawn

N, D = 6, 70  # more entries than a block has


def objective(*, own: bool = False) -> Objective:
    """Return a quadratic with a coupling; every sample may have `own` matrices."""
    w, s = drawn(90, D) / 9, drawn(D, D).abs() / 9
    s = (s + s.T).fill_diagonal_(0.1)
    matrix = (w.T @ w).expand(N, D, D) if own else w.T @ w
    coupled = s.expand(N, D, D) if own else s
    zero = torch.zeros(N, dtype=torch.float64)
    return Objective(
        smooth_part=Quadratic(Hessian(matrix), drawn(N, D), zero),
        coupling=Quadratic(Hessian(coupled), torch.full((N, D), -0.1).double(), zero),
        regions=(Region(0, 40), Region(40, D, kind="orthant", low=0.0)),
    )


def slowly(found: Objective, z: Tensor) -> Tensor:
    """Minimize along each entry on a grid that ends at its best point."""
    z = z.clone()
    for j in range(D):
        curve = found.curvature(z)[:, j, j]
        assert found.coupling is not None
        bend = found.coupling.curvature(z)[:, j, j]
        pull = curve * z[:, j] - found.gradient(z)[:, j]
        alone = weights(found.coupling, z.abs())[:, j] - bend * z[:, j].abs()
        up = (pull - alone).relu() / (curve + bend)
        down = (-pull - alone).relu() / (curve + bend)
        z[:, j] = torch.where(down > up, -down, up) if j < 40 else up
    return z


@pytest.mark.parametrize("own", [False, True])
def test_a_sweep_is_one_entry_after_the_other(own: bool) -> None:
    found = objective(own=own)
    z = found.clip(drawn(N, D))
    torch.testing.assert_close(Sweep(found, z).run(), slowly(found, z))


@pytest.mark.parametrize("own", [False, True])
def test_no_move_raises_the_energy_and_each_is_the_best_of_its_entry(own: bool) -> None:
    found = objective(own=own)
    z = found.clip(drawn(N, D))
    slope = found.gradient(z)
    for _ in range(30):
        moved, slope = best_entry(found, z, slope=slope)
        assert (found.value(moved) <= found.value(z) + 1e-12).all()
        torch.testing.assert_close(slope, found.gradient(moved))
        assert ((moved != z).sum(-1) <= 1).all()
        z = moved
    assert (found.value(Sweep(found, z).run()) <= found.value(z) + 1e-12).all()


def test_a_soft_threshold_minimizes_even_with_a_negative_weight() -> None:
    grid = torch.linspace(-6, 6, 120_001, dtype=torch.float64)
    for pull, weight in ((2.0, 0.5), (-2.0, 0.5), (0.3, 0.5), (0.5, -1.0), (-0.5, -1.0)):
        worth = grid**2 / 2 - pull * grid + weight * grid.abs()
        best = shrunk(torch.tensor(pull), torch.tensor(weight), signed=torch.tensor(True))
        assert abs(float(best) - float(grid[worth.argmin()])) < 2e-4
        right = torch.where(grid >= 0, worth, torch.inf)
        alone = shrunk(torch.tensor(pull), torch.tensor(weight), signed=torch.tensor(False))
        assert abs(float(alone) - float(grid[right.argmin()])) < 2e-4


def test_signs_are_those_of_the_regions() -> None:
    found = signs(objective(), drawn(N, D))
    assert found[:40].all()
    assert not found[40:].any()


def test_only_quadratics_are_swept() -> None:
    curved = replace(objective(), smooth_part=Smooth(lambda z: z.cosh().sum(-1)))
    with pytest.raises(TypeError, match="no quadratic"):
        quadratic(curved)
