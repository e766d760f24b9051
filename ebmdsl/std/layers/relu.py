"""`relu`: positive part of every entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("relu")
class Relu(Layer):
    r"""Positive part of every entry, $\max(x, 0)$.

    References: Fukushima 1969, doi:10.1109/TSSC.1969.300225
    """

    facts: ClassVar[Facts] = Facts(
        curvature=Curvature.CONVEX,
        smoothness=Smoothness.C0,
        block=Block.ELEMENTWISE,
        monotone=Monotone.INCREASING,
        low=0,
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
        return x.relu()
