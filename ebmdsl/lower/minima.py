"""Several answers to one question: the distinct ones, best first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import torch

if TYPE_CHECKING:
    from torch import Tensor

RADIUS = 1e-3


@final
@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Which of several answers are kept for each sample, best first.

    `order` [n, k] are their numbers, `kept` [n, k] tells which of these are answers at all:
    k is the largest number of distinct answers of a sample.
    """

    order: Tensor
    kept: Tensor

    def pick(self, x: Tensor) -> Tensor:
        """Return what belongs to the answers, [n, k, ...] of [n, s, ...]."""
        index = self.order.reshape([*self.order.shape, *[1] * (x.dim() - 2)])
        return x.gather(1, index.expand([*self.order.shape, *x.shape[2:]]))


def distinct(
    points: Tensor, values: Tensor, *, proved: Tensor, radius: float = RADIUS
) -> Ranking:
    """Rank the answers [n, s, d] of every sample by their values, [n, s], and merge.

    Two points are one answer where no entry differs by more than `radius` relative to the
    larger point, and at least by `radius` itself. What is not `proved`, [n, s], is kept only
    where it is better than all others. A sample without a finite value keeps its first point.
    """
    finite = values.isfinite() & points.isfinite().all(-1)
    height = torch.where(finite, values, torch.inf)
    order = height.argsort(dim=1, stable=True)
    rank = Ranking(order, torch.ones_like(finite))
    z, good = rank.pick(points), rank.pick(finite & proved)
    kept = torch.zeros_like(finite)
    kept[:, 0] = True
    size = z.abs().amax(-1).clamp_min(1.0)
    for j in range(1, z.shape[1]):
        away = (z[:, :j] - z[:, j : j + 1]).abs().amax(-1)
        same = away <= radius * torch.maximum(size[:, :j], size[:, j : j + 1])
        kept[:, j] = good[:, j] & ~(same & kept[:, :j]).any(1)
    return _packed(order, kept)


def _packed(order: Tensor, kept: Tensor) -> Ranking:
    """Move the answers that are kept to the front."""
    first = (~kept).to(torch.int8).argsort(dim=1, stable=True)
    most = int(kept.sum(1).amax()) if kept.shape[0] else 1
    front = first[:, :most]
    return Ranking(order.gather(1, front), kept.gather(1, front))
