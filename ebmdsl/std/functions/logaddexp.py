"""`logaddexp`: smooth maximum of two values, entry by entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("logaddexp")
class Logaddexp(Function):
    r"""Smooth maximum of two values, entry by entry, $\log(e^x + e^y)$.

    References: Blanchard, Higham & Higham 2021, doi:10.1093/imanum/draa038
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            curvature=Curvature.CONVEX, block=Block.ELEMENTWISE, monotone=Monotone.INCREASING
        ),
        Facts(
            curvature=Curvature.CONVEX, block=Block.ELEMENTWISE, monotone=Monotone.INCREASING
        ),
    )
    joint: ClassVar[Facts | None] = Facts(
        curvature=Curvature.CONVEX, block=Block.GROUPED, monotone=Monotone.INCREASING
    )
    symbol: ClassVar[Symbol] = Symbol("log(exp {} + exp {})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return the shape that both arguments have."""
        left, right = arguments
        if left != right:
            return Misfit(f"{show(left)} and {show(right)} cannot be joined entry by entry")
        return left

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, two [n, *event] -> [n, *event]."""
        left, right = arguments
        return torch.logaddexp(left, right)
