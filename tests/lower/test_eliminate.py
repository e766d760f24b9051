"""Eliminations: starts, encoders and faults that stay with their sample."""

from __future__ import annotations

import torch

from ebmdsl.lower.loop import Status
from tests.lower.programs import SPARSE, module, samples


def test_a_broken_sample_leaves_the_others_as_they_are_alone() -> None:
    model = module(SPARSE)
    y = samples(3, 8)
    alone = model.solve({"y": y[:1]})
    y[1] = torch.nan
    found = model.solve({"y": y})
    assert found.status.tolist() == [0, Status.NON_FINITE.value, 0]
    assert torch.equal(found.assignment["z"][0], alone.assignment["z"][0])
