"""`sq`: the sum of squares."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.abilities import Homogeneous, Proximable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("sq")
class Sq(Function, Proximable, Homogeneous):
    r"""Sum of squares, $\lVert x \rVert_2^2$, without a factor one half.

    References: Hoerl & Kennard 1970, doi:10.1080/00401706.1970.10488634
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(degree=2, curvature=Curvature.CONVEX, block=Block.SEPARABLE, low=0),
    )
    symbol: ClassVar[Symbol] = Symbol("‖{}‖²")

    @property
    def order(self) -> int:
        """Return 2: a factor leaves squared."""
        return 2

    def shape(self, *arguments: Shape) -> Shape:
        """Return a scalar for any shape."""
        del arguments
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n]."""
        return arguments[0].unsqueeze(-1).flatten(1).square().sum(-1)

    def prox(self, x: Tensor, step: Tensor) -> Tensor:
        """Shrink towards zero: x / (1 + 2 step)."""
        return x / (1 + 2 * step)
