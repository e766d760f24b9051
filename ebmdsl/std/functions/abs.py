"""`abs`: absolute value of every entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.abilities import Homogeneous
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("abs")
class Abs(Function, Homogeneous):
    """Absolute value of every entry, $|x|$.

    References: Boyd & Vandenberghe 2004, Convex Optimization, section 3.1.5
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            curvature=Curvature.CONVEX, smoothness=Smoothness.C0, block=Block.ELEMENTWISE, low=0
        ),
    )
    symbol: ClassVar[Symbol] = Symbol("|{}|")

    @property
    def order(self) -> int:
        """Return 1: a factor leaves as its absolute value."""
        return 1

    def shape(self, *arguments: Shape) -> Shape:
        """Return the shape of the argument."""
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        return arguments[0].abs()
