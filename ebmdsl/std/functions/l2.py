"""`l2`: euclidean norm of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast, final

from ebmdsl._torch import torch
from ebmdsl.concepts.abilities import Conjugate, Homogeneous, Proximable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Curvature, Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("l2")
class L2(Function, Proximable, Conjugate, Homogeneous):
    r"""Euclidean norm of a sample, $\lVert x \rVert_2$; `sq` is its square.

    Sets a whole block to zero at once: `sum[g](l2(z[g]))` is the group lasso.

    References: Yuan & Lin 2006, doi:10.1111/j.1467-9868.2005.00532.x
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(curvature=Curvature.CONVEX, smoothness=Smoothness.C0, low=0),
    )
    symbol: ClassVar[Symbol] = Symbol("‖{}‖₂")

    @property
    def order(self) -> int:
        """Return 1: a factor leaves as its absolute value."""
        return 1

    def shape(self, *arguments: Shape) -> Shape:
        """Return a scalar for any shape."""
        del arguments
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n]."""
        return cast("Tensor", arguments[0].unsqueeze(-1).flatten(1).norm(dim=-1))

    def prox(self, x: Tensor, step: Tensor) -> Tensor:
        """Shorten the whole block by the step: the block soft threshold."""
        rows = x.unsqueeze(-1).flatten(1)
        length = cast("Tensor", rows.norm(dim=-1, keepdim=True))
        kept = torch.relu(length - step) / torch.where(length > 0, length, 1.0)
        return (kept * rows).reshape(x.shape)

    def polar(self, v: Tensor, *, nonneg: bool) -> Tensor:
        """Return the Euclidean norm, or that of the positive part over the orthant."""
        rows = v.unsqueeze(-1).flatten(1)
        return cast("Tensor", (rows.relu() if nonneg else rows).norm(dim=-1))
