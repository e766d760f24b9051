"""`l2_pool`: length of every window of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import layered, windows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Misfit, Shape


@final
@concept("l2_pool")
class L2Pool(Layer):
    r"""Length of every window of a picture, $y_{cij} = \sqrt{\epsilon + \sum_{uv} x_{cuv}^2}$.

    The stride is the width unless it is given; $\epsilon$ keeps it smooth at zero.

    References: Hyvärinen & Hoyer 2000, doi:10.1162/089976600300015312
    """

    width: int
    stride: int = 0
    eps: float = 1e-4
    facts: ClassVar[Facts] = Facts(curvature=Curvature.CONVEX, block=Block.GROUPED, low=0)

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
        pool, stride = torch.nn.functional.avg_pool2d, self.stride or self.width
        return (pool(x.square(), self.width, stride) * self.width**2 + self.eps).sqrt()
