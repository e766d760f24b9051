"""Eliminations: starts, encoders and faults that stay with their sample."""

from __future__ import annotations

import torch

from ebmdsl.lower.loop import Status
from tests.lower.programs import SPARSE, module, samples

ENCODED = """model encoded
observed y : real[4]
latent z : real[4]
param a : real
encoder zhat = a * y
cost agree = sq(z - zhat) + sq(y - z)
infer z by encode(zhat)
train by energy with adam
"""


def test_a_broken_sample_leaves_the_others_as_they_are_alone() -> None:
    model = module(SPARSE)
    y = samples(3, 8)
    alone = model.solve({"y": y[:1]})
    y[1] = torch.nan
    found = model.solve({"y": y})
    assert found.status.tolist() == [0, Status.NON_FINITE.value, 0]
    assert torch.equal(found.assignment["z"][0], alone.assignment["z"][0])


def test_an_encoder_is_the_inference() -> None:
    model = module(ENCODED)
    y = samples(3, 4)
    found = model.solve({"y": y})
    weight = model.get_parameter("a")
    torch.testing.assert_close(found.assignment["z"], (weight * y))
    torch.testing.assert_close(found.value, (y - weight * y).square().sum(1))


def test_a_start_changes_how_long_the_search_takes_and_not_what_it_finds() -> None:
    text = SPARSE.replace("infer z by minimize", "infer z by minimize from W.T @ y")
    y = samples(6, 8)
    cold, warm = module(SPARSE).solve({"y": y}), module(text).solve({"y": y})
    torch.testing.assert_close(cold.value, warm.value, rtol=1e-5, atol=0)
