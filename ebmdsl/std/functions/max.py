"""`max`: largest entry of a sample."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Curvature, Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("max")
class Max(Function):
    r"""Largest entry of a sample, $\max_i x_i$.

    References: Boyd & Vandenberghe 2004, Convex Optimization, section 3.2.3
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            curvature=Curvature.CONVEX, smoothness=Smoothness.C0, monotone=Monotone.INCREASING
        ),
    )
    symbol: ClassVar[Symbol] = Symbol("max {}")

    def on(self, index: int, span: tuple[float, float], *, count: int) -> Facts:
        """It lies where the entries lie."""
        del count
        return replace(self.seen_by(index), low=span[0], high=span[1])

    def shape(self, *arguments: Shape) -> Shape:
        """Return a scalar for any shape."""
        del arguments
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n]."""
        return arguments[0].unsqueeze(-1).flatten(1).amax(-1)
