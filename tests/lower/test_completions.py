"""Completed samples: the weighted mean of E over them is its posterior mean."""

from __future__ import annotations

import pytest
import torch

from ebmdsl.lower.completions import SHARE
from tests.lower.programs import MIXTURE, SPARSE, module, samples

FACTORS = """model factors(k = 3)
observed y : real[5]
latent z : real[k]
param W : real[5, k]
cost shape = 2 * sq(y - W @ z) + sq(z) / 2
infer z by marginalize(beta = 1.5)
"""


def test_minimizers_complete_a_sample_once() -> None:
    model = module(SPARSE)
    values = {"y": samples(4, 8)}
    result = model.solve(values)
    (part,) = model.completions(values, result).parts
    assert set(part) == {"y", "z"}
    torch.testing.assert_close(part["z"], result.assignment["z"])


def test_states_are_shared_and_weighted_by_their_probability() -> None:
    model = module(MIXTURE)
    values = {"y": samples(6, 2)}
    done = model.completions(values, model.solve(values))
    assert done.common == ("z",)
    shares = torch.stack([part[SHARE] for part in done.parts], 1)
    states = torch.eye(4, dtype=torch.float64)
    energies = torch.stack([model.energy({**values, "z": s.expand(6, 4)}) for s in states], 1)
    torch.testing.assert_close(shares, torch.softmax(-2 * energies.detach(), 1))


@pytest.mark.parametrize("text", [FACTORS, MIXTURE], ids=["factors", "mixture"])
def test_the_slope_of_the_mean_energy_is_that_of_the_free_energy(text: str) -> None:
    model = module(text)
    values = {"y": samples(4, 5 if text == FACTORS else 2)}
    result = model.solve(values)
    weight = model.get_parameter("W")
    (expected,) = torch.autograd.grad(result.value.sum(), weight)
    done = model.completions(values, result)
    total = torch.zeros((), dtype=torch.float64)
    for part in done.parts:
        count = len(part[SHARE])
        known = {
            name: x.expand(count, *x.shape) if name in done.common else x
            for name, x in part.items()
            if name != SHARE
        }
        total = total + (part[SHARE] * model.energy(known)).sum()
    (slope,) = torch.autograd.grad(total, weight)
    torch.testing.assert_close(slope, expected)
