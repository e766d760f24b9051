"""An encoder as the inference: its answer is taken, and it is live."""

from __future__ import annotations

import torch

from tests.lower.programs import module, samples

ENCODED = """model encoded
observed y : real[4]
latent z : real[4]
param a : real
encoder zhat = a * y
cost agree = sq(z - zhat) + sq(y - z)
infer z by encode(zhat)
train by energy with adam
"""


def test_an_encoder_is_the_inference() -> None:
    model = module(ENCODED)
    y = samples(3, 4)
    found = model.solve({"y": y})
    weight = model.get_parameter("a")
    torch.testing.assert_close(found.assignment["z"], (weight * y))
    torch.testing.assert_close(found.value, (y - weight * y).square().sum(1))


def test_the_energy_moves_the_encoder_through_its_answer() -> None:
    model = module(ENCODED)
    y = samples(3, 4)
    model.solve({"y": y}).value.sum().backward()
    weight = model.get_parameter("a")
    assert weight.grad is not None
    expected = (2 * (weight.detach() - 1) * y.square()).sum()
    torch.testing.assert_close(weight.grad, expected)
