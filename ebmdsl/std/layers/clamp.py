"""`clamp`: nearest point of an interval to every entry."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("clamp")
class Clamp(Layer):
    r"""Nearest point of an interval to every entry, $\min(\max(x, a), b)$.

    References: Parikh & Boyd 2014, doi:10.1561/2400000003, section 6.2
    """

    low: float = -inf
    high: float = inf
    facts: ClassVar[Facts] = Facts(
        smoothness=Smoothness.C0, block=Block.ELEMENTWISE, monotone=Monotone.INCREASING
    )

    def seen(self) -> Facts:
        """Return the facts with the ends of the interval."""
        return replace(self.facts, low=self.low, high=self.high)

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare no parameters."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the input."""
        if self.low > self.high:
            return Misfit(f"the interval from {self.low:g} to {self.high:g} is empty")
        return x

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        del weights, context
        return x.clamp(self.low, self.high)
