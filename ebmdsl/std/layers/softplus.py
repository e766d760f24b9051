"""`softplus`: smooth positive part of every entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("softplus")
class Softplus(Layer):
    r"""Smooth positive part of every entry, $\log(1 + e^x)$.

    References: Mächler 2012, Accurately computing log(1 - exp(-|a|)), section 2
    """

    facts: ClassVar[Facts] = Facts(
        curvature=Curvature.CONVEX, block=Block.ELEMENTWISE, monotone=Monotone.INCREASING, low=0
    )

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare no parameters."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape:
        """Return the shape of the input."""
        return x

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        del weights, context
        return torch.logaddexp(x, torch.zeros_like(x))
