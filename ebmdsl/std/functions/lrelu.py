"""`lrelu`: leaky positive part of every entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("lrelu")
class Lrelu(Function):
    r"""Leaky positive part of every entry, $\max(x, a x)$ with a slope $0 \le a \le 1$.

    References: He, Zhang, Ren & Sun 2015, arXiv:1502.01852
    """

    slope: float = 0.01
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            curvature=Curvature.CONVEX,
            smoothness=Smoothness.C0,
            block=Block.ELEMENTWISE,
            monotone=Monotone.INCREASING,
        ),
    )
    symbol: ClassVar[Symbol] = Symbol("lrelu({})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return the shape of the argument."""
        if not 0 <= self.slope <= 1:
            reason = f"the slope {self.slope:g} is not between 0 and 1"
            return Misfit(reason, option="slope")
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        return torch.nn.functional.leaky_relu(arguments[0], self.slope)
