"""Gradients as forward code."""

from __future__ import annotations

from typing import Any

import torch

from ebmdsl.lower.gradients import slope_of
from tests.lower.programs import samples


def _energy(z: Any, y: Any, w: Any) -> Any:
    return (torch.tanh(z @ w) - y).square().sum(-1)


def test_the_trace_serves_batches_whose_size_is_that_of_another_axis() -> None:
    w = samples(3, 2)
    slope = slope_of(_energy, samples(4, 3), data=(samples(4, 2),), fixed=(w,))
    for n in (1, 2, 3, 11):
        z, y = samples(n, 3), samples(n, 2)
        expected = torch.func.grad(lambda z, y=y: _energy(z, y, w).sum())(z)
        torch.testing.assert_close(slope(z, y, w), expected)


def test_the_trace_follows_its_parameters() -> None:
    w = samples(3, 2)
    z, y = samples(4, 3), samples(4, 2)
    slope = slope_of(_energy, z, data=(y,), fixed=(w,))
    other = 2 * w
    expected = torch.func.grad(lambda z: _energy(z, y, other).sum())(z)
    torch.testing.assert_close(slope(z, y, other), expected)
