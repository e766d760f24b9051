"""`clamp`: nearest point of an interval to every entry."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("clamp")
class Clamp(Function):
    r"""Nearest point of an interval to every entry, $\min(\max(x, a), b)$.

    References: Parikh & Boyd 2014, doi:10.1561/2400000003, section 6.2
    """

    low: float = -inf
    high: float = inf
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.C0, block=Block.ELEMENTWISE, monotone=Monotone.INCREASING),
    )
    symbol: ClassVar[Symbol] = Symbol("clamp({})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return the shape of the argument."""
        if self.low > self.high:
            reason = f"the interval from {self.low:g} to {self.high:g} is empty"
            return Misfit(reason, option="low")
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        return arguments[0].clamp(self.low, self.high)

    def seen_by(self, index: int) -> Facts:
        """Return the facts with the ends of the interval as bounds."""
        return replace(self.facts[index], low=self.low, high=self.high)
