"""`max_pool`: largest value in every window of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import layered, windows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Misfit, Shape


@final
@concept("max_pool")
class MaxPool(Layer):
    r"""Largest value in every window of a picture, $y_{cij} = \max_{uv} x_{c, si + u, sj + v}$.

    The stride is the width unless it is given; what is left over at the edges is left out.

    References: Riesenhuber & Poggio 1999, doi:10.1038/14819
    """

    width: int
    stride: int = 0
    facts: ClassVar[Facts] = Facts(
        curvature=Curvature.CONVEX,
        smoothness=Smoothness.C0,
        block=Block.GROUPED,
        monotone=Monotone.INCREASING,
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
        return torch.nn.functional.max_pool2d(x, self.width, self.stride or self.width)
