"""Known minima: the slope of the energy vanishes there, and nothing nearby is lower."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from ebmdsl.lower.conjugate import factor, mean, scale, shares

RNG = torch.Generator().manual_seed(0)


def _random(*shape: int) -> Tensor:
    return torch.rand(shape, generator=RNG, dtype=torch.float64) + 0.2


def _slope(energy: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    return torch.func.grad(energy)


def test_shares_are_relative_counts() -> None:
    counts = _random(5)
    found = shares(_slope(lambda w: -(counts * w.log()).sum()), old=torch.full((5,), 0.2))
    torch.testing.assert_close(found, counts / counts.sum(), check_dtype=False)


@pytest.mark.parametrize("power", [1, 2, 4])
def test_a_scale_is_where_the_slope_vanishes(power: int) -> None:
    pulled, count = _random(4), _random(4)

    def energy(s: Tensor) -> Tensor:
        return (pulled * s**-power + count * s.log()).sum()

    found = scale(_slope(energy), old=torch.ones(4, dtype=torch.float64), power=power)
    torch.testing.assert_close(_slope(energy)(found), torch.zeros(4, dtype=torch.float64))


def test_a_factor_is_that_of_the_mean_product() -> None:
    root, count = _random(3, 4, 4), _random(3)
    pulled = root @ root.mT

    def energy(factors: Tensor) -> Tensor:
        inverse = torch.linalg.inv(factors @ factors.mT)
        trace = (inverse * pulled).sum((-1, -2)) / 2
        return (trace + count * torch.linalg.slogdet(factors)[1]).sum()

    eye = torch.eye(4, dtype=torch.float64).expand(3, 4, 4)
    found = factor(_slope(energy), old=eye)
    torch.testing.assert_close(found @ found.mT, pulled / count[:, None, None])
    assert torch.equal(found, found.tril())
    torch.testing.assert_close(
        _slope(energy)(found).tril(), torch.zeros_like(found), atol=1e-9, rtol=0
    )


def test_a_mean_is_weighted() -> None:
    weight, values = _random(6, 3), _random(6, 2)
    found = mean(
        _slope(lambda m: (weight.mT @ values * m.mT).sum()),
        _slope(lambda m: (m * weight.sum(0)).sum()),
        old=torch.zeros(2, 3, dtype=torch.float64),
    )
    expected = (weight.mT @ values / weight.sum(0)[:, None]).mT
    torch.testing.assert_close(found, expected)


def test_what_no_sample_bears_on_stays() -> None:
    old = torch.tensor([0.3, 0.7], dtype=torch.float64)
    nothing = _slope(lambda w: (0 * w).sum())
    assert torch.equal(shares(nothing, old=old), old)
    assert torch.equal(scale(nothing, old=old, power=2), old)
    assert torch.equal(mean(nothing, nothing, old=old), old)
    eye = torch.eye(2, dtype=torch.float64)
    assert torch.equal(factor(_slope(lambda w: (0 * w).sum()), old=eye), eye)
