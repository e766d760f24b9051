"""`avg_pool`: mean of every window of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import layered, windows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Misfit, Shape


@final
@concept("avg_pool")
class AvgPool(Layer):
    r"""Mean of every window of a picture, $y_{cij} = w^{-2} \sum_{uv} x_{c, si + u, sj + v}$.

    The stride is the width unless it is given; what is left over at the edges is left out.

    References: LeCun, Bottou, Bengio & Haffner 1998, doi:10.1109/5.726791
    """

    width: int
    stride: int = 0
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
        """Return the channels and the number of windows."""
        return windows(x, self.width, stride=self.stride or self.width)

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, channels, h, w] -> [n, channels, h', w']."""
        del weights, context
        return torch.nn.functional.avg_pool2d(x, self.width, self.stride or self.width)
