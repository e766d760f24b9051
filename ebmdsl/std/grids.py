"""Integrals over few dimensions by grids that find where the mass is, sample by sample."""

from __future__ import annotations

from itertools import product
from math import log
from typing import TYPE_CHECKING, NamedTuple, Protocol, final

from ebmdsl._record import record
from ebmdsl._torch import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    LogDensity = Callable[[Tensor, Tensor], Tensor]

DEEP = 40.0
ROUNDS = 24
COARSE = {1: 129, 2: 33, 3: 17}
FINE = {1: 129, 2: 65, 3: 33}
FINEST = {1: 16385, 2: 513, 3: 65}
TOGETHER = 2**19


class Chart(Protocol):
    """Coordinates t in which an integral runs over all real numbers."""

    @property
    def reach(self) -> float:
        """Return how far from 0 the search for mass begins."""
        ...

    def at(self, t: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
        """Return z, [m, d], and the log of the volume of a unit of t, [m], of samples."""
        ...


@final
@record
class Affine:
    """Coordinates around a center, [n, d], along axes, the columns of [n, d, d]."""

    center: Tensor
    axes: Tensor
    reach: float = 8.0

    def at(self, t: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
        """Return the points and the volume, which is the same everywhere."""
        z = self.center[index] + torch.bmm(self.axes[index], t.unsqueeze(-1)).squeeze(-1)
        return z, torch.linalg.slogdet(self.axes).logabsdet[index]


@final
@record
class Orthant:
    r"""One orthant, $z = s \exp(t - e^{-t})$ in every entry, with signs s, [d].

    References: Takahasi & Mori 1974, doi:10.2977/prims/1195192451
    """

    signs: Tensor
    reach: float = 4.0

    def at(self, t: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
        """Return the points and the volume."""
        del index
        inner = torch.exp(-t)
        logs = t - inner
        return self.signs * logs.exp(), (logs + torch.log1p(inner)).sum(-1)


@final
class Integral(NamedTuple):
    """The log of an integral, [n], the mean under its density, [n, d], and the error, [n]."""

    log: Tensor
    mean: Tensor
    error: Tensor


@final
@record
class Range:
    """The box of coordinates that holds the mass: corners [n, d], and who has one, [n]."""

    low: Tensor
    high: Tensor
    found: Tensor


def orthants(d: int, like: Tensor) -> list[Orthant]:
    """Return all orthants of d dimensions."""
    signs = product((-1.0, 1.0), repeat=d)
    return [Orthant(torch.tensor(each, dtype=like.dtype, device=like.device)) for each in signs]


def integrate(density: LogDensity, chart: Chart, *, like: Tensor, tol: float) -> Integral:
    """Integrate exp(density(z, index)) by the trapezoidal rule in the chart's coordinates.

    `density` is given points [m, d] and the samples that they belong to, [m]. The rule
    converges exponentially where the density is analytic (Trefethen & Weideman 2014,
    doi:10.1137/130932132). It is refined until the estimated error of the log is below
    `tol`, or the grid is as fine as it may be. A sample without a finite integral is NaN.
    """
    with torch.no_grad():
        box = _range(density, chart, like=like)
        count, error = _refined(density, chart, box=box, tol=tol)
    values, points = _evaluated(density, chart, box=box, count=count)
    step = ((box.high - box.low) / (count - 1)).log().sum(-1)
    total = torch.logsumexp(values, -1)
    shares = torch.softmax(values.detach(), -1)
    mean = (shares.unsqueeze(-1) * points).sum(1)
    lost = torch.where(box.found, 0.0, torch.nan).to(total)
    return Integral(total + step + lost, mean + lost.unsqueeze(-1), error)


def _fractions(count: int, d: int, *, like: Tensor) -> Tensor:
    """Return a grid of the unit cube, [count ** d, d]."""
    line = torch.linspace(0, 1, count, dtype=like.dtype, device=like.device)
    return torch.cartesian_prod(*[line] * d).reshape(-1, d)


def _evaluated(
    density: LogDensity, chart: Chart, *, box: Range, count: int
) -> tuple[Tensor, Tensor]:
    """Return the log density with the chart's volume on the grid, [n, p], and the points."""
    n, d = box.low.shape
    cube = _fractions(count, d, like=box.low)
    rows = max(1, TOGETHER // len(cube))
    parts = [
        _chunk(density, chart, box=box, cube=cube, index=index)
        for index in torch.arange(n, device=box.low.device).split(rows)
    ]
    values, points = zip(*parts, strict=True)
    return torch.cat(values), torch.cat(points)


def _chunk(
    density: LogDensity, chart: Chart, *, box: Range, cube: Tensor, index: Tensor
) -> tuple[Tensor, Tensor]:
    low, high = box.low[index].unsqueeze(1), box.high[index].unsqueeze(1)
    t = (low + cube * (high - low)).flatten(0, 1)
    samples = index.repeat_interleave(len(cube))
    z, volume = chart.at(t, samples)
    value = density(z, samples) + volume
    return value.reshape(len(index), -1), z.reshape(len(index), len(cube), -1)


def _range(density: LogDensity, chart: Chart, *, like: Tensor) -> Range:
    """Widen and narrow the box of every sample until all mass and little else is in it."""
    d = like.shape[1]
    high = torch.full_like(like, chart.reach)
    box = Range(-high, high, torch.zeros_like(like[:, 0], dtype=torch.bool))
    for _ in range(ROUNDS):
        values, _ = _evaluated(density, chart, box=box, count=COARSE[d])
        moved = _fitted(values.reshape(-1, *[COARSE[d]] * d), box=box)
        ratio = (moved.high - moved.low) / (box.high - box.low)
        settled = (ratio > _CLOSE) & (ratio <= 1)
        box = moved
        if bool((settled.all(-1) | ~box.low.isfinite().all(-1)).all()):
            break
    return box


_CLOSE = 0.7


def _fitted(values: Tensor, *, box: Range) -> Range:
    """Return the box moved to the entries of the grid that hold mass."""
    d, count = values.dim() - 1, values.shape[1]
    top = values.flatten(1).amax(-1)
    low, high, found = box.low.clone(), box.high.clone(), top.isfinite()
    for axis in range(d):
        others = [1 + other for other in range(d) if other != axis]
        profile = values.amax(others) if others else values
        mass = (profile > top.unsqueeze(-1) - DEEP).to(torch.int8)
        first, last = mass.argmax(-1), count - 1 - mass.flip(-1).argmax(-1)
        width = box.high[:, axis] - box.low[:, axis]
        step = width / (count - 1)
        down = torch.where(first == 0, -width, (first - 1) * step)
        up = torch.where(last == count - 1, width, (last + 1 - count + 1) * step)
        found = found & (first > 0) & (last < count - 1)
        low[:, axis] += down
        high[:, axis] += up
    return Range(low, high, found)


def _refined(
    density: LogDensity, chart: Chart, *, box: Range, tol: float
) -> tuple[int, Tensor]:
    """Return how many points an axis needs, and the estimated error of the log, [n]."""
    d = box.low.shape[1]
    count = FINE[d]
    while True:
        values, _ = _evaluated(density, chart, box=box, count=count)
        error = _error(values.reshape(-1, *[count] * d))
        worst = error[box.found].nan_to_num(nan=0.0)
        if count >= FINEST[d] or not bool((worst > tol).any()):
            return count, error
        count = 2 * count - 1


def _error(values: Tensor) -> Tensor:
    """Estimate the error from the grid, every second and every fourth of its points, [n]."""
    d = values.dim() - 1
    sums = [
        torch.logsumexp(values[(slice(None), *[slice(None, None, skip)] * d)].flatten(1), -1)
        + d * log(skip)
        for skip in (1, 2, 4)
    ]
    near, far = (sums[0] - sums[1]).abs(), (sums[1] - sums[2]).abs()
    tiny = torch.finfo(near.dtype).tiny
    return near * (near / far.clamp_min(tiny)).clamp_max(1)
