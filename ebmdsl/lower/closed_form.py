"""Parameters in closed form: exact minimization of a mean energy that is quadratic in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import log
from typing import TYPE_CHECKING, cast, final

import torch

from ebmdsl.lower.quadratic import Hessian

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Generator, Tensor

    Energy = Callable[..., Tensor]
    Parameters = tuple[Tensor, ...]
    Batches = Sequence[tuple[Tensor, ...]]

DENSE = 1024
PROBES = 32
CG_STEPS = 1000
CG_TOL = 1e-12
UNUSED = 1e-12
ALONE = 1e-12


class Coupling(Enum):
    """Which entries of the parameters may meet in second derivatives.

    ROWS: entries of one row, over all parameters together (a matrix and a bias in
    y - W z - b). ALL: any.
    """

    ROWS = "rows"
    ALL = "all"


@final
@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """Parameters at the minimum, the mean energy before and after, and what nothing used.

    `unused` is True for every entry without curvature: it kept its old value. `residual` is
    the slope that is left, relative to the slope before.
    """

    parameters: Parameters
    before: float
    after: float
    residual: float
    unused: Parameters


def minimize_over(
    energy: Energy,
    parameters: Parameters,
    *,
    batches: Batches,
    coupling: Coupling,
    free: Parameters | None = None,
) -> Update:
    """Move parameters to the minimum of the mean of `energy(parameters, *batch) -> [n]`.

    The energy is proved quadratic in all `parameters` together, whatever else is in it; its
    coefficients are found by differentiating it along probes, summed in float64 over all
    batches. `free` marks the entries that may move. The step of least length is taken, so
    directions without curvature keep their old value.
    """
    mean = _Mean(energy, parameters, batches=batches, by_rows=coupling is not Coupling.ALL)
    mask = mean.join(free) if free is not None else torch.ones_like(mean.point)
    value, slope = mean.first()
    step, curved = _step(mean, -slope * mask, mask=mask)
    change = mean.products(step.unsqueeze(0))[0]
    left = ((slope + change) * mask).norm() / (slope * mask).norm().clamp_min(_TINY)
    after = value + float((slope * step + change * step / 2).sum())
    flat = curved.abs() <= UNUSED * curved.abs().amax()
    moved = mean.split(mean.point + step)
    return Update(moved, value, after, float(left), mean.split(flat, like=parameters))


def _step(mean: _Mean, slope: Tensor, *, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Return the step to the minimum, and where there is curvature at all.

    Two probes tell whether entries stand alone (the prototypes of k-means do): then the
    first one was the whole diagonal.
    """
    random = torch.Generator(slope.device).manual_seed(0)
    probe = torch.randn(slope.shape, generator=random, dtype=slope.dtype, device=slope.device)
    diagonal, turned = mean.products(torch.stack([torch.ones_like(probe), probe]))
    if torch.allclose(
        turned, diagonal * probe, rtol=0, atol=ALONE * float(turned.abs().amax())
    ):
        return _divide(slope, diagonal), diagonal
    if slope.shape[1] > DENSE:
        step = _conjugate_gradient(mean, slope, mask=mask)
        return step, torch.ones_like(step)
    blocks = mean.blocks()
    return _solve(blocks, slope, mask=mask), _diagonal(blocks)


_TINY = torch.finfo(torch.float64).tiny


@final
class _Mean:
    """The mean energy over all batches as a function of one matrix of parameters."""

    def __init__(
        self, energy: Energy, parameters: Parameters, *, batches: Batches, by_rows: bool
    ) -> None:
        self.energy, self.batches, self.by_rows = energy, batches, by_rows
        self.shapes = [one.shape for one in parameters]
        self.dtypes = [one.dtype for one in parameters]
        self.point = self.join(parameters)
        self.count = sum(self._values(self.point, batch).shape[0] for batch in batches)

    def join(self, parameters: Parameters) -> Tensor:
        """Lay parameters side by side: [rows, columns] where rows are kept, else [1, all]."""
        rows = self.shapes[0][0] if self.by_rows and self.shapes[0] else 1
        return torch.cat([one.detach().double().reshape(rows, -1) for one in parameters], 1)

    def split(self, joined: Tensor, *, like: Parameters | None = None) -> Parameters:
        """Undo `join`; a mask (any `like`) stays a mask, values get their old precision."""
        widths = [shape.numel() // joined.shape[0] for shape in self.shapes]
        parts = zip(joined.split(widths, 1), self.shapes, self.dtypes, strict=True)
        if like is not None:
            return tuple(part.reshape(shape) for part, shape, _ in parts)
        return tuple(part.reshape(shape).to(dtype) for part, shape, dtype in parts)

    def first(self) -> tuple[float, Tensor]:
        """Return the mean energy and its slope at the point."""
        value, slope = 0.0, torch.zeros_like(self.point)
        for batch in self.batches:
            total = self._total(batch)
            value += float(total(self.point))
            slope += torch.func.grad(total)(self.point)
        return value / self.count, slope / self.count

    def products(self, probes: Tensor) -> Tensor:
        """Return the second derivative times each probe, [probes, rows, columns]."""
        found = torch.zeros_like(probes)
        for batch in self.batches:
            slope = torch.func.grad(self._total(batch))

            def along(probe: Tensor, slope: Energy = slope) -> Tensor:
                return torch.func.jvp(slope, (self.point,), (probe,))[1]

            found += torch.func.vmap(along, chunk_size=PROBES)(probes)
        return found / self.count

    def blocks(self) -> Tensor:
        """Return the second derivatives within each row, [rows, columns, columns].

        One probe moves a whole column: what meets only within rows separates again.
        """
        rows, columns = self.point.shape
        axes = torch.eye(columns, dtype=torch.float64, device=self.point.device)
        return self.products(axes.unsqueeze(1).expand(columns, rows, columns)).permute(1, 2, 0)

    def _total(self, batch: tuple[Tensor, ...]) -> Callable[[Tensor], Tensor]:
        return lambda joined: self._values(joined, batch).sum()

    def _values(self, joined: Tensor, batch: tuple[Tensor, ...]) -> Tensor:
        widths = [shape.numel() // joined.shape[0] for shape in self.shapes]
        parts = zip(joined.split(widths, 1), self.shapes, strict=True)
        wide = (one.double() if one.is_floating_point() else one for one in batch)
        return self.energy(tuple(part.reshape(shape) for part, shape in parts), *wide)


def _divide(slope: Tensor, diagonal: Tensor) -> Tensor:
    used = diagonal.abs() > UNUSED * diagonal.abs().amax()
    return torch.where(used, slope / diagonal, torch.zeros_like(slope))


def _diagonal(blocks: Tensor) -> Tensor:
    return blocks.diagonal(dim1=-2, dim2=-1)


def _solve(blocks: Tensor, slope: Tensor, *, mask: Tensor) -> Tensor:
    """Solve every row for its free entries; where all rows agree, with one factorization."""
    scale = _diagonal(blocks).mean().clamp_min(_TINY)
    held = torch.diag_embed((1 - mask) * scale)
    blocks = blocks * mask.unsqueeze(-1) * mask.unsqueeze(-2) + held
    alike = bool(torch.allclose(blocks, blocks[:1], rtol=1e-13, atol=0))
    return Hessian(blocks[0] if alike else blocks).solve(slope * mask) * mask


def _conjugate_gradient(mean: _Mean, slope: Tensor, *, mask: Tensor) -> Tensor:
    """Solve for the step without ever building the matrix (Hestenes & Stiefel 1952)."""
    step, left = torch.zeros_like(slope), slope
    along, size = left, (left * left).sum()
    goal = CG_TOL**2 * size
    for _ in range(CG_STEPS):
        if size <= goal or size == 0:
            break
        turned = mean.products(along.unsqueeze(0))[0] * mask
        rate = size / (along * turned).sum()
        step, left = step + rate * along, left - rate * turned
        size, before = (left * left).sum(), size
        along = left + size / before * along
    return step


def kmeans_pp(y: Tensor, k: int, *, rng: Generator) -> Tensor:
    """Draw k spread-out samples of y [n, d] as the columns of a matrix [d, k].

    Every next one is drawn with probability proportional to the squared distance from those
    before it, the best of a few draws (Arthur & Vassilvitskii 2007, greedy variant).
    """
    points, tries = y.double(), 2 + int(log(k))
    first = torch.randint(len(points), (1,), generator=rng)
    chosen, near = [first], _squares(points, points[first])[:, 0]
    for _ in range(1, k):
        weights = near if float(near.sum()) > 0 else torch.ones_like(near)
        drawn = torch.multinomial(weights, tries, replacement=True, generator=rng)
        left = torch.minimum(_squares(points, points[drawn]), near.unsqueeze(-1))
        best = left.sum(0).argmin()
        near = left[:, best]
        chosen.append(drawn[best].reshape(1))
    return y[torch.cat(chosen)].T.contiguous()


def _squares(points: Tensor, centers: Tensor) -> Tensor:
    """Return squared distances, [n, centers]."""
    cross = points @ centers.T
    sizes = (points**2).sum(-1, keepdim=True) + (centers**2).sum(-1)
    return (sizes - 2 * cross).clamp_min(0)


def reseeded(w: Tensor, unused: Tensor, *, y: Tensor, energy: Tensor) -> Tensor:
    """Put every unused column of w [d, k] on a sample of high energy, the highest first."""
    dead = unused.all(0).nonzero()[:, 0]
    worst = energy.argsort(descending=True)[: dead.shape[0]]
    moved = w.clone()
    moved[:, dead[: worst.shape[0]]] = y[worst].T.to(w.dtype)
    return moved


def polar(w: Tensor) -> Tensor:
    """Return the nearest matrix with orthonormal columns (or rows, if it is wide)."""
    wide = cast(
        "tuple[Tensor, Tensor, Tensor]", torch.linalg.svd(w.double(), full_matrices=False)
    )
    return (wide[0] @ wide[2]).to(w.dtype)


def principal_subspace(
    y: Tensor, k: int, *, weights: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return the mean [d] and the k leading principal directions [d, k] in float64.

    They minimize the mean of min_z ‖y - mean - W z‖² over orthonormal W, each sample
    counted with its weight [n] (Eckart & Young 1936). Signs: the largest entry is positive.
    """
    points = y.double()
    share = torch.ones_like(points[:, 0]) if weights is None else weights.double()
    share = share / share.sum()
    mean = share @ points
    scaled = (points - mean) * share.sqrt().unsqueeze(-1)
    found = cast("tuple[Tensor, Tensor, Tensor]", torch.linalg.svd(scaled, full_matrices=False))
    directions = found[2][:k].T
    largest = directions.abs().argmax(0, keepdim=True)
    return mean, directions * torch.sign(directions.gather(0, largest))
