"""`positions`: learned vector added at every place of a sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts
from ebmdsl.concepts.kinds import Layer, Weight
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.shape import Shape


@final
@concept("positions")
class Positions(Layer):
    """Learned vector added at every place of a sequence, $x_t + p_t$.

    References: Gehring, Auli, Grangier, Yarats & Dauphin 2017, arXiv:1705.03122
    """

    scale: float = 0.02
    facts: ClassVar[Facts] = Facts(
        degree=1, curvature=Curvature.AFFINE, block=Block.ELEMENTWISE
    )

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare a vector for each place."""
        return (Weight("weight", x, scale=self.scale),)

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the input."""
        if len(x) != 2:
            return Misfit(f"{show(x)} is no sequence of length and channels")
        return x

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, length, channels] -> [n, length, channels]."""
        del context
        return x + weights["weight"]
