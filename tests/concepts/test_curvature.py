"""The mode and the curvature of smooth energies, in float64."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmdsl.concepts.curvature import axes, curvature, factor, live_mode, mode
from ebmdsl.lower.objective import Objective, Smooth

START = torch.tensor([[0.3, -0.2], [2.0, 1.0], [-1.0, 0.5]], dtype=torch.float64)


def objective(theta: Tensor) -> Objective:
    def energy(z: Tensor) -> Tensor:
        quartic = (z**4).sum(-1) / 4 + (z[:, 0] * z[:, 1]) / 3
        return quartic + (z**2).sum(-1) / 2 - z @ theta

    return Objective(smooth_part=Smooth(energy))


def theta() -> Tensor:
    return torch.tensor([1.0, -0.5], dtype=torch.float64, requires_grad=True)


def test_the_curvature_is_the_matrix_of_second_derivatives() -> None:
    found = curvature(objective(theta()), START)
    off = torch.full((3,), 1 / 3, dtype=torch.float64)
    first, second = (1 + 3 * START[:, i] ** 2 for i in (0, 1))
    known = torch.stack([torch.stack([first, off], 1), torch.stack([off, second], 1)], 1)
    torch.testing.assert_close(found, known)


def test_every_start_leads_to_the_mode_of_a_convex_energy() -> None:
    found = mode(objective(theta()), START)
    assert (found.slope < 1e-12).all()
    torch.testing.assert_close(found.z[0], found.z[1])
    torch.testing.assert_close(found.z[0], found.z[2])


def test_the_mode_moves_with_the_parameters() -> None:
    at = theta()
    held = objective(at)
    z = live_mode(held, mode(held, START[:1]).z)
    slopes = [torch.autograd.grad(z[0, i], at, retain_graph=True)[0] for i in (0, 1)]
    moved = [mode(objective(at.detach() + s * step), START[:1]).z for s, step in STEPS]
    known = [(moved[2 * i] - moved[2 * i + 1])[0] / 2e-5 for i in (0, 1)]
    torch.testing.assert_close(torch.stack(slopes), torch.stack(known, 1), rtol=1e-6, atol=1e-8)


UNITS = torch.eye(2, dtype=torch.float64)
STEPS = [(s, unit) for unit in UNITS for s in (1e-5, -1e-5)]


def test_along_the_axes_the_energy_rises_at_one_rate() -> None:
    held = objective(theta())
    z = mode(held, START).z
    scaled = axes(held, z, beta=2.0)
    rate = scaled.mT @ (2 * curvature(held, z)) @ scaled
    torch.testing.assert_close(rate, torch.eye(2, dtype=torch.float64).expand(3, 2, 2))


def test_what_is_not_positive_definite_has_no_factor() -> None:
    matrices = torch.stack([torch.eye(2), -torch.eye(2), torch.full((2, 2), torch.nan)])
    found = factor(matrices)
    assert found.dtype == torch.float64
    assert found.isnan().all((1, 2)).tolist() == [False, True, True]
