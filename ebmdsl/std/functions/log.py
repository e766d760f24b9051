"""`log`: natural logarithm of every entry."""

from __future__ import annotations

from dataclasses import replace
from math import inf, log
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("log")
class Log(Function):
    r"""Natural logarithm of every entry, $\log x$ for $x > 0$.

    References: Boyd & Vandenberghe 2004, Convex Optimization, section 3.1.5
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            curvature=Curvature.CONCAVE, block=Block.ELEMENTWISE, monotone=Monotone.INCREASING
        ),
    )
    within: ClassVar[tuple[tuple[float, float], ...]] = ((0, inf),)
    symbol: ClassVar[Symbol] = Symbol("log({})")

    def on(self, index: int, span: tuple[float, float], *, count: int) -> Facts:
        """It rises, so that its bounds are those of the ends."""
        del count
        low, high = (log(end) if end > 0 else -inf for end in span)
        return replace(self.seen_by(index), low=low, high=high)

    def shape(self, *arguments: Shape) -> Shape:
        """Return the shape of the argument."""
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        return arguments[0].log()
