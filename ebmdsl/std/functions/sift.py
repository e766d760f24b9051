"""`sift`: descriptor of a patch by histograms of gradient directions."""

from __future__ import annotations

from math import tau
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("sift")
class Sift(Function):
    r"""Descriptor of a square patch: 4 x 4 cells with a histogram of 8 directions each.

    Every gradient counts with its length, less towards the edge of the patch, and is shared
    among the nearest cells and directions. The 128 numbers are brought to length one, cut at
    0.2, and brought to length one again.

    References: Lowe 2004, doi:10.1023/B:VISI.0000029664.99615.94
    """

    facts: ClassVar[tuple[Facts, ...]] = (Facts(smoothness=Smoothness.C0, low=0, high=1),)
    symbol: ClassVar[Symbol] = Symbol("SIFT({})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return 128 numbers for a square patch of at least 4 x 4 pixels."""
        event = arguments[0]
        if len(event) != 2 or event[0] != event[1] or event[0] < CELLS:
            return Misfit(f"{show(event)} is not a square patch of at least 4 x 4 pixels")
        return (CELLS * CELLS * DIRECTIONS,)

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, s, s] -> [n, 128]."""
        patch = arguments[0]
        down, right = _slopes(patch, 1), _slopes(patch, 2)
        some = down.square() + right.square() > 0
        length = torch.where(some, down, 1.0).hypot(torch.where(some, right, 0.0)) * some
        angle = torch.atan2(torch.where(some, down, 0.0), torch.where(some, right, 1.0))
        cells = _cells(patch.shape[-1]).to(patch)
        weight = torch.einsum("ai,bj->abij", cells, cells)
        found = torch.einsum("abij,nijo->nabo", weight, length[..., None] * _shares(angle))
        once = torch.nn.functional.normalize(found.flatten(1), dim=1, eps=FAINT).clamp_max(CUT)
        return torch.nn.functional.normalize(once, dim=1, eps=CUT)


CELLS, DIRECTIONS, CUT = 4, 8, 0.2
FAINT = 1e-6


def _slopes(patch: Tensor, axis: int) -> Tensor:
    """Return half the difference of the two neighbors along an axis, or less at an edge."""
    last = patch.shape[axis] - 1
    here = torch.arange(last + 1, device=patch.device)
    after, before = (here + 1).clamp_max(last), (here - 1).clamp_min(0)
    return (patch.index_select(axis, after) - patch.index_select(axis, before)) / 2


def _cells(side: int) -> Tensor:
    """Return how much each place along a side counts for each cell, [4, side]."""
    place = (torch.arange(side, dtype=torch.float64) + 0.5) * CELLS / side - 0.5
    near = (1 - (place - torch.arange(CELLS)[:, None]).abs()).clamp_min(0)
    return near * torch.exp(-((place - (CELLS - 1) / 2) ** 2) / (CELLS**2 / 2))


def _shares(angle: Tensor) -> Tensor:
    """Return how much an angle counts for each direction, [..., 8]."""
    places = torch.arange(DIRECTIONS, device=angle.device, dtype=angle.dtype)
    away = (angle[..., None] * DIRECTIONS / tau - places).remainder(DIRECTIONS)
    return (1 - torch.minimum(away, DIRECTIONS - away)).clamp_min(0)
