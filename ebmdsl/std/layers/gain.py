"""`gain`: learned factor for every entry, or for every channel of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts
from ebmdsl.concepts.kinds import Layer, Weight

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.shape import Shape


@final
@concept("gain")
class Gain(Layer):
    """Learned factor for every entry, or for every channel of a picture, $g_i x_i$.

    A diagonal matrix: it lets a bounded encoder reach codes of any size.

    References: Kavukcuoglu, Ranzato & LeCun 2010, arXiv:1010.3467
    """

    facts: ClassVar[Facts] = Facts(
        degree=1, curvature=Curvature.AFFINE, block=Block.ELEMENTWISE
    )

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare one factor for each entry or channel, one to start with."""
        return (Weight("weight", x[:1] if len(x) == 3 else x[-1:], init="ones"),)

    def shape(self, x: Shape) -> Shape:
        """Return the shape of the input."""
        return x

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        del context
        gains = weights["weight"]
        return x * (gains[:, None, None] if x.dim() == 4 else gains)
