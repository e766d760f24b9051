"""`sqrt`: square root of every entry."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("sqrt")
class Sqrt(Function):
    r"""Square root of every entry, $\sqrt x$ for $x \ge 0$.

    The slope at zero is infinite: write `sqrt(u + 1e-3)` where u can vanish.

    References: Boyd & Vandenberghe 2004, Convex Optimization, section 3.1.5
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            curvature=Curvature.CONCAVE,
            smoothness=Smoothness.C0,
            block=Block.ELEMENTWISE,
            monotone=Monotone.INCREASING,
            low=0,
        ),
    )
    within: ClassVar[tuple[tuple[float, float], ...]] = ((0, inf),)
    symbol: ClassVar[Symbol] = Symbol("√({})")

    def on(self, index: int, span: tuple[float, float], *, count: int) -> Facts:
        """Away from zero it is smooth."""
        del count
        low, high = (max(end, 0.0) ** 0.5 for end in span)
        smooth = Smoothness.ANALYTIC if low > 0 else Smoothness.C0
        return replace(self.seen_by(index), smoothness=smooth, low=low, high=high)

    def shape(self, *arguments: Shape) -> Shape:
        """Return the shape of the argument."""
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        return arguments[0].sqrt()
