"""Latents that are summed out, against enumeration."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from tests.lower.programs import MIXTURE, UNITS, module, samples


def _enumerated(text: str, name: str, states: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    model = module(text)
    rows = [{"y": y, name: state.expand(len(y), -1)} for state in states]
    return torch.stack([model.energy(values) for values in rows], 1).detach()


@pytest.mark.parametrize("spin", [False, True])
def test_independent_units_equal_enumeration(spin: bool) -> None:
    text = UNITS.replace("binary[5]", "spin[5]") if spin else UNITS
    low = -1.0 if spin else 0.0
    states = torch.tensor(list(product((low, 1.0), repeat=5)), dtype=torch.float64)
    y = samples(6, 4)
    energies = _enumerated(text, "h", states, y)
    found = module(text).solve({"y": y})
    torch.testing.assert_close(found.value, -torch.logsumexp(-1.5 * energies, 1) / 1.5)
    mean = torch.softmax(-1.5 * energies, 1) @ states
    torch.testing.assert_close(found.assignment["h"], mean)


def test_exhaustive_sum_equals_enumeration_and_bounds_the_minimum() -> None:
    y = samples(6, 2)
    energies = _enumerated(MIXTURE, "z", torch.eye(4, dtype=torch.float64), y)
    found = module(MIXTURE).solve({"y": y})
    torch.testing.assert_close(found.value, -torch.logsumexp(-2 * energies, 1) / 2)
    gap = energies.amin(1) - found.value
    assert ((gap >= 0) & (gap <= torch.log(torch.tensor(4.0)) / 2)).all()
