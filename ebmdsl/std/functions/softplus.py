"""`softplus`: smooth positive part of every entry."""

from __future__ import annotations

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
@concept("softplus")
class Softplus(Function):
    r"""Smooth positive part of every entry, $\log(1 + e^x)$.

    References: Mächler 2012, Accurately computing log(1 - exp(-|a|)), section 2
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            curvature=Curvature.CONVEX,
            block=Block.ELEMENTWISE,
            monotone=Monotone.INCREASING,
            low=0,
        ),
    )
    symbol: ClassVar[Symbol] = Symbol("softplus({})")

    def shape(self, *arguments: Shape) -> Shape:
        """Return the shape of the argument."""
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        return torch.logaddexp(arguments[0], torch.zeros_like(arguments[0]))
