"""Gradients as forward code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

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


@pytest.mark.parametrize(
    "bend",
    [F.silu, F.gelu, F.softplus, F.relu, F.logsigmoid, torch.tanh, torch.sigmoid],
    ids=lambda one: one.__name__,
)
def test_every_bend_can_be_differentiated_again(bend: Callable[[Tensor], Tensor]) -> None:
    rng = torch.Generator().manual_seed(0)
    w, z = (torch.randn(3, 3, generator=rng, dtype=torch.float64) for _ in range(2))
    w, z = w.requires_grad_(), z.requires_grad_()

    def energy(z: Tensor, w: Tensor) -> Tensor:
        return bend(z @ w).square().sum(-1)

    traced = slope_of(energy, z, data=(), fixed=(w,))(z, w)
    (plain,) = torch.autograd.grad(energy(z, w).sum(), z, create_graph=True)
    torch.testing.assert_close(traced, plain)
    found = torch.autograd.grad(traced.square().sum(), (z, w))
    expected = torch.autograd.grad(plain.square().sum(), (z, w))
    for one, same in zip(found, expected, strict=True):
        torch.testing.assert_close(one, same)


def test_the_value_is_not_computed_for_its_slope() -> None:
    w, z = torch.randn(3, 2), torch.randn(4, 3)

    def energy(z: Tensor, w: Tensor) -> Tensor:
        return (z @ w).sum(-1).cosh()

    traced: Any = slope_of(energy, z, data=(), fixed=(w,))
    assert "sinh" in traced.code
    assert "cosh" not in traced.code
