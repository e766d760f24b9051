"""A temperature that changes during training: every ring takes that of the step."""

from __future__ import annotations

import pytest
import torch

from ebmdsl.lower.module import EnergyModule
from ebmdsl.lower.seed import Randomness
from tests.lower.programs import MIXTURE, UNITS, module, samples

CURVED = """model curved
observed y : real[1]
latent z : real[1]
param w : real
cost recon = sq(y - 3 * tanh(z)) + w * 0
regularizer small = sq(z)
infer z by sample(beta = 2) with metropolis(steps = 60, scale = 1)
"""


def at(text: str, beta: float) -> EnergyModule:
    """Return the module of a program with a schedule for beta, at a step with this beta."""
    changed = text
    for given in ("beta = 1.5", "beta = 2"):
        changed = changed.replace(given, "beta = ramp(0.1, 5)")
    assert changed != text
    made = module(changed)
    (place,) = [x for name, x in made.constants.items() if name.startswith("ramp")]
    place.fill_(beta)
    return made


@pytest.mark.parametrize(("text", "size"), [(UNITS, 4), (MIXTURE, 2)])
@pytest.mark.parametrize("beta", [0.3, 3.0])
def test_a_sum_is_at_the_temperature_of_the_step(text: str, size: int, beta: float) -> None:
    y = samples(5, size)
    fixed = module(
        text.replace("beta = 1.5", f"beta = {beta}").replace("beta = 2", f"beta = {beta}")
    )
    found, expected = at(text, beta).solve({"y": y}), fixed.solve({"y": y})
    torch.testing.assert_close(found.value, expected.value)
    for name, x in expected.assignment.items():
        torch.testing.assert_close(found.assignment[name], x)


@pytest.mark.parametrize("beta", [0.5, 4.0])
def test_a_chain_is_at_the_temperature_of_the_step(beta: float) -> None:
    y = samples(40, 1)
    fixed = module(CURVED.replace("beta = 2", f"beta = {beta}"))
    chance = Randomness(3)
    found = at(CURVED, beta).solve({"y": y}, randomness=chance)
    expected = fixed.solve({"y": y}, randomness=chance)
    torch.testing.assert_close(found.assignment["z"], expected.assignment["z"])
    other = at(CURVED, 2 * beta).solve({"y": y}, randomness=chance)
    assert not torch.equal(found.assignment["z"], other.assignment["z"])


def test_an_exact_draw_is_at_the_temperature_of_the_step() -> None:
    y = samples(1, 4).expand(4000, -1)
    summed = module(UNITS.replace("beta = 1.5", "beta = 3")).solve({"y": y[:1]})
    found = at(UNITS.replace("marginalize", "sample"), 3.0).solve({"y": y})
    mean = summed.assignment["h"][0]
    error = (mean * (1 - mean) / 4000).sqrt()
    assert ((found.assignment["h"].mean(0) - mean).abs() < 4.5 * error).all()
