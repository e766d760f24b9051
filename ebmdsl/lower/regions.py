"""Where the entries of a point may lie: an interval for all, or a set for each latent."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, prod
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.concepts.abilities import Projectable

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.kinds import Constraint
    from ebmdsl.concepts.parts import Kind, Part


@final
@dataclass(frozen=True, slots=True)
class Box:
    """The interval in which every entry of z lies."""

    low: float = -inf
    high: float = inf


@final
@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """The set of one latent: its columns of z, the axes of one of its values, its limits.

    A latent in a plate has several values; each of them obeys the constraints by itself.
    """

    first: int
    last: int
    event: tuple[int, ...] = ()
    kind: Kind = "free"
    low: float = -inf
    high: float = inf
    constraints: tuple[Constraint, ...] = ()

    @property
    def where(self) -> slice:
        """Return the columns as an index."""
        return slice(self.first, self.last)

    @property
    def cone(self) -> bool:
        """Whether every entry may be anything, or anything that is not negative."""
        return self.kind in ("free", "orthant")

    @property
    def sparsity(self) -> int | None:
        """Return how many entries may differ from zero, where that is limited."""
        own = [each.most for each in self.constraints if isinstance(each, Projectable)]
        counts = [count for count in own if count is not None]
        values = max((self.last - self.first) // max(prod(self.event), 1), 1)
        return values * min(counts) if counts else None

    def nearest(self, z: Tensor) -> Tensor:
        """Return the nearest point of the set, [n, width] -> [n, width]."""
        if self.low > -inf or self.high < inf:
            z = z.clamp(self.low, self.high)
        if not self.constraints:
            return z
        return self._obeying(z.reshape(-1, *self.event)).reshape(z.shape)

    def each(self, z: Tensor) -> Tensor:
        """Return the nearest points of some columns of a set that is an interval for each."""
        return self._obeying(z.clamp(self.low, self.high))

    def _obeying(self, values: Tensor) -> Tensor:
        for each in self.constraints:
            assert isinstance(each, Projectable), each.word
            values = each.nearest(values)
        return values


def region_of(part: Part, *, first: int, event: tuple[int, ...]) -> Region:
    """Return the region of a latent that starts at a column."""
    last = first + part.size
    return Region(first, last, event, part.kind, part.low, part.high, part.constraints)


def overlap(part: tuple[int, int] | None, *, first: int, width: int) -> slice:
    """Return where a part of all columns lies among `width` ones from `first`."""
    low, high = (first, first + width) if part is None else part
    start = min(max(low - first, 0), width)
    return slice(start, max(start, min(high - first, width)))


def put(z: Tensor, values: Tensor, *, at: slice) -> Tensor:
    """Return z with some columns replaced."""
    return torch.cat([z[:, : at.start], values, z[:, at.stop :]], 1)
