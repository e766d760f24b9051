"""`upsample`: every pixel of a picture several times."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import Misfit, layered, show, too_small

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("upsample")
class Upsample(Layer):
    r"""Every pixel of a picture several times, $y_{c, ki + u, kj + v} = x_{cij}$.

    References: Karras, Aila, Laine & Lehtinen 2018, arXiv:1710.10196
    """

    times: int
    facts: ClassVar[Facts] = Facts(
        degree=1, curvature=Curvature.AFFINE, block=Block.GROUPED, monotone=Monotone.INCREASING
    )

    def joined(self, shapes: tuple[Shape, ...]) -> Shape | Misfit:
        """Lay the channels of several pictures on top of each other."""
        return layered(shapes)

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare no parameters."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the larger picture."""
        if len(x) != 3:
            return Misfit(f"{show(x)} is no picture of channels, height and width")
        refused = too_small(times=self.times)
        return refused or (x[0], x[1] * self.times, x[2] * self.times)

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, channels, h, w] -> [n, channels, times h, times w]."""
        del weights, context
        return x.repeat_interleave(self.times, 2).repeat_interleave(self.times, 3)
