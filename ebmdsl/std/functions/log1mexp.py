"""`log1mexp`: logarithm of one minus a small exponential."""

from __future__ import annotations

from math import inf, log
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("log1mexp")
class Log1mexp(Function):
    r"""Logarithm of one minus a small exponential, $\log(1 - e^{-x})$ for $x > 0$.

    The switch at log 2 keeps full precision at both ends; the branch not taken gets a
    harmless argument so that its derivative stays finite.

    References: Mächler 2012, Accurately computing log(1 - exp(-|a|)), section 2
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            curvature=Curvature.CONCAVE,
            block=Block.ELEMENTWISE,
            monotone=Monotone.INCREASING,
            high=0,
        ),
    )
    within: ClassVar[tuple[tuple[float, float], ...]] = ((0, inf),)
    symbol: ClassVar[Symbol] = Symbol("log(1 − exp(−{}))")

    def shape(self, *arguments: Shape) -> Shape:
        """Return the shape of the argument."""
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        x = arguments[0]
        near = x < log(2)
        small = torch.where(near, x, 1.0)
        large = torch.where(near, 1.0, x)
        return torch.where(near, (-torch.expm1(-small)).log(), torch.log1p(-torch.exp(-large)))
