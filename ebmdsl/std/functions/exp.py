"""`exp`: exponential of every entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("exp")
class Exp(Function):
    """Exponential of every entry, $e^x$.

    References: Boyd & Vandenberghe 2004, Convex Optimization, section 3.1.5
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            curvature=Curvature.CONVEX,
            block=Block.ELEMENTWISE,
            monotone=Monotone.INCREASING,
            low=0,
        ),
    )
    symbol: ClassVar[Symbol] = Symbol("exp({})")

    def shape(self, *arguments: Shape) -> Shape:
        """Return the shape of the argument."""
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        return arguments[0].exp()
