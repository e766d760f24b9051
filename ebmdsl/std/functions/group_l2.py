"""`group_l2`: euclidean norm of every group of neighboring entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast, final

from ebmdsl._torch import torch
from ebmdsl.concepts.abilities import Conjugate, Proximable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("group_l2")
class GroupL2(Function, Proximable, Conjugate):
    r"""Euclidean norm of every group of neighboring entries, $v_i = \lVert x_{G_i} \rVert_2$.

    The last axis is cut into groups of `size`: the pools of complex cells.

    References: Hyvärinen & Hoyer 2000, doi:10.1162/089976600300015312
    """

    size: int
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(curvature=Curvature.CONVEX, smoothness=Smoothness.C0, block=Block.GROUPED, low=0),
    )
    symbol: ClassVar[Symbol] = Symbol("pools({})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return the shape with one entry a group."""
        event = arguments[0]
        if not event or self.size < 1 or event[-1] % self.size:
            return Misfit(f"{show(event)} cannot be cut into groups of {self.size}")
        return (*event[:-1], event[-1] // self.size)

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event, g * size] -> [n, *event, g]."""
        groups = arguments[0].unflatten(-1, (-1, self.size))
        return cast("Tensor", groups.norm(dim=-1))

    def prox(self, x: Tensor, step: Tensor) -> Tensor:
        """Shorten every group by the step: the block soft threshold, group by group."""
        groups = x.unflatten(-1, (-1, self.size))
        length = cast("Tensor", groups.norm(dim=-1, keepdim=True))
        wide = step.reshape(-1, *[1] * (groups.dim() - 1))
        kept = torch.relu(length - wide) / torch.where(length > 0, length, 1.0)
        return (kept * groups).flatten(-2)

    def polar(self, v: Tensor, *, nonneg: bool) -> Tensor:
        """Return the norm of the longest group; over the orthant, of its positive part."""
        return self.value(v.relu() if nonneg else v).flatten(1).amax(-1)
