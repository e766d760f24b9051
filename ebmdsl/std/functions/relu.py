"""`relu`: positive part of every entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("relu")
class Relu(Function):
    r"""Positive part of every entry, $\max(x, 0)$.

    References: Fukushima 1969, doi:10.1109/TSSC.1969.300225
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            curvature=Curvature.CONVEX,
            smoothness=Smoothness.C0,
            block=Block.ELEMENTWISE,
            monotone=Monotone.INCREASING,
            low=0,
        ),
    )
    symbol: ClassVar[Symbol] = Symbol("[{}]₊")

    def shape(self, *arguments: Shape) -> Shape:
        """Return the shape of the argument."""
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        return arguments[0].relu()
