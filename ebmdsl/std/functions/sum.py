"""`sum`: sum over all of a sample's dimensions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("sum")
class Sum(Function):
    r"""Sum over all of a sample's dimensions, $\sum_i x_i$.

    References: Boyd & Vandenberghe 2004, Convex Optimization, section 3.2.1
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            degree=1,
            curvature=Curvature.AFFINE,
            block=Block.SEPARABLE,
            monotone=Monotone.INCREASING,
        ),
    )
    symbol: ClassVar[Symbol] = Symbol("Σ {}")

    def on(self, index: int, span: tuple[float, float], *, count: int) -> Facts:
        """So many entries add up to so much."""
        low, high = (end * count for end in span)
        return replace(self.seen_by(index), low=low, high=high)

    def shape(self, *arguments: Shape) -> Shape:
        """Return a scalar for any shape."""
        del arguments
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n]."""
        return arguments[0].unsqueeze(-1).flatten(1).sum(-1)
