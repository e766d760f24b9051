"""Diagnostics against chains whose law is known: independent draws, AR(1), stuck chains."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import pytest
import torch
from torch import Tensor

from ebmdsl.lower.diagnostics import bulk_ess, split_r_hat


def gen(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def wandering(share: float, *, chains: int = 4, steps: int = 4000, k: int = 3) -> Tensor:
    """Return stationary chains with this correlation from step to step."""
    noise = torch.randn(chains, steps, k, generator=gen(1), dtype=torch.float64)
    now = noise[:, 0]
    found = [now]
    for step in range(1, steps):
        now = share * now + sqrt(1 - share**2) * noise[:, step]
        found.append(now)
    return torch.stack(found, 1)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, -0.4])
def test_the_effective_size_of_correlated_chains(share: float) -> None:
    draws = wandering(share)
    expected = draws.shape[0] * draws.shape[1] * (1 - share) / (1 + share)
    assert bulk_ess(draws).mean() == pytest.approx(expected, rel=0.12)
    assert (split_r_hat(draws) < 1.02).all()


def test_independent_draws_count_once_each() -> None:
    draws = torch.randn(4, 1000, 20, generator=gen(), dtype=torch.float64)
    assert ((split_r_hat(draws) - 1).abs() < 0.006).all()
    assert bulk_ess(draws).mean() == pytest.approx(4000, rel=0.1)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x + torch.tensor([0.0, 0, 0, 1]).reshape(4, 1, 1),
        lambda x: x * torch.tensor([1.0, 1, 1, 3]).reshape(4, 1, 1),
        lambda x: x + torch.linspace(0, 2, 1000).reshape(1, 1000, 1),
    ],
    ids=["another place", "another spread", "on the way"],
)
def test_chains_that_do_not_agree_are_seen(change: Callable[[Tensor], Tensor]) -> None:
    draws = torch.randn(4, 1000, 2, generator=gen(2))
    assert (split_r_hat(change(draws)) > 1.05).all()


def test_monotone_changes_do_not_matter() -> None:
    draws = wandering(0.7, steps=500)
    torch.testing.assert_close(bulk_ess(draws), bulk_ess(draws.exp()))
    torch.testing.assert_close(bulk_ess(draws), bulk_ess(draws**3 - 5))


def test_a_heavy_tail_does_not_hide_a_shift() -> None:
    cauchy = torch.distributions.Cauchy(0.0, 1.0)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        draws = cauchy.sample((4, 1000, 1))
    moved = draws + torch.tensor([0.0, 0, 0, 2]).reshape(4, 1, 1)
    assert float(split_r_hat(draws)) < 1.02
    assert float(split_r_hat(moved)) > 1.05


def test_chains_that_never_move() -> None:
    same = torch.ones(4, 20, 1)
    apart = torch.arange(4.0).reshape(4, 1, 1).expand(4, 20, 1)
    assert float(split_r_hat(same)) == 1
    assert float(split_r_hat(apart)) == torch.inf
    assert float(bulk_ess(same)) == 1


def test_few_values_say_nothing() -> None:
    assert split_r_hat(torch.zeros(4, 3, 2)).isnan().all()
    assert bulk_ess(torch.zeros(4, 3, 2)).isnan().all()


def test_the_definition_step_by_step() -> None:
    draws = torch.randn(2, 9, 1, generator=gen(5), dtype=torch.float64)
    halves = torch.cat([draws[:, :4], draws[:, 5:]])[..., 0]
    rank = halves.flatten().argsort().argsort().double() + 1
    z = torch.special.ndtri((rank - 0.375) / 16.25).reshape(4, 4)
    between, within = 4 * z.mean(1).var(), z.var(1).mean()
    expected = ((3 / 4 * within + between / 4) / within).sqrt()
    folded = (halves - halves.flatten().median()).abs()
    rank = folded.flatten().argsort().argsort().double() + 1
    z = torch.special.ndtri((rank - 0.375) / 16.25).reshape(4, 4)
    between, within = 4 * z.mean(1).var(), z.var(1).mean()
    other = ((3 / 4 * within + between / 4) / within).sqrt()
    assert float(split_r_hat(draws)) == pytest.approx(float(max(expected, other)), abs=1e-12)
