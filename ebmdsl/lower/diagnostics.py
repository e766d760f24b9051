"""What tells whether chains have come to their law: split R-hat and effective sample sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch

if TYPE_CHECKING:
    from torch import Tensor

FEWEST = 4  # values of a chain, below which its halves say nothing


def split_r_hat(draws: Tensor) -> Tensor:
    r"""Return the rank-normalized split R-hat of chains, [chains, steps, k] -> [k].

    The larger of that of the values and that of their distances from the median: near 1 where
    all halves of all chains have the same place and the same spread. Chains that never move
    have the R-hat 1 where all are at one place, else infinity; it is NaN for fewer than four
    steps.

    References: Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021, arXiv:1903.08008
    """
    if draws.shape[1] < FEWEST:
        return draws.new_full(draws.shape[2:], torch.nan)
    halves = _halves(draws.double())
    folded = (halves - halves.flatten(0, 1).median(0).values).abs()
    both = torch.stack([_r_hat(_normalized(halves)), _r_hat(_normalized(folded))])
    return both.amax(0).to(draws.dtype)


def bulk_ess(draws: Tensor) -> Tensor:
    r"""Return how many independent draws say as much, [chains, steps, k] -> [k].

    From the autocorrelations of the rank-normalized halves, added up in pairs while these are
    positive, and never rising (Geyer 1992, doi:10.1214/ss/1177011137).

    References: Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021, arXiv:1903.08008
    """
    if draws.shape[1] < FEWEST:
        return draws.new_full(draws.shape[2:], torch.nan)
    halves = _normalized(_halves(draws.double()))
    chains, steps = halves.shape[:2]
    covariance = _autocovariance(halves)
    within = covariance[:, 0].mean(0) * steps / (steps - 1)
    total = covariance[:, 0].mean(0) + halves.mean(1).var(0)
    correlation = 1 - (within - covariance.mean(0)) / total
    correlation[0] = 1
    pairs = correlation[: steps // 2 * 2].unflatten(0, (-1, 2)).sum(1)
    kept = (pairs > 0).cumprod(0)
    falling = pairs.cummin(0).values
    time = (2 * (falling * kept).sum(0) - 1).clamp_min(1 / steps)
    most = float(chains * steps)
    return torch.where(total > 0, most / time, torch.ones_like(time)).to(draws.dtype)


def _halves(draws: Tensor) -> Tensor:
    """Split each chain in two; an odd value in the middle is left out."""
    half = draws.shape[1] // 2
    return torch.cat([draws[:, :half], draws[:, -half:]])


def _normalized(draws: Tensor) -> Tensor:
    """Replace values by the normal quantiles of their ranks; equal values share theirs."""
    flat = draws.flatten(0, 1).mT.contiguous()
    ordered = flat.sort(-1).values
    low = torch.searchsorted(ordered, flat)
    high = torch.searchsorted(ordered, flat, right=True)
    rank = (low + high + 1).double() / 2
    share = (rank - 3 / 8) / (flat.shape[-1] + 1 / 4)
    quantile = cast("Tensor", torch.special.ndtri(share))
    return quantile.mT.reshape(draws.shape)


def _r_hat(draws: Tensor) -> Tensor:
    steps = draws.shape[1]
    between, within = draws.mean(1).var(0), draws.var(1).mean(0)
    ratio = ((steps - 1) / steps + between / within).sqrt()
    return torch.where((between == 0) & (within == 0), torch.ones_like(ratio), ratio)


def _autocovariance(draws: Tensor) -> Tensor:
    """Return the autocovariance at every lag, divided by the number of steps."""
    steps = draws.shape[1]
    centered = draws - draws.mean(1, keepdim=True)
    wave = torch.fft.rfft(centered, n=2 * steps, dim=1)
    power = (wave * wave.conj()).real.to(torch.complex128)
    return torch.fft.irfft(power, n=2 * steps, dim=1)[:, :steps] / steps
