"""`pixel_norm`: channels of every pixel, brought to the same length."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("pixel_norm")
class PixelNorm(Layer):
    r"""Channels of every pixel at mean square 1, $x_c / \sqrt{C^{-1} \sum_d x_d^2 + \epsilon}$.

    References: Karras, Aila, Laine & Lehtinen 2018, arXiv:1710.10196
    """

    eps: float = 1e-8
    facts: ClassVar[Facts] = Facts(block=Block.GROUPED)

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare no parameters."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the input."""
        if len(x) != 3:
            return Misfit(f"{show(x)} is no picture of channels, height and width", "use `rms`")
        return x

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, channels, h, w] -> [n, channels, h, w]."""
        del weights, context
        return x * (x.square().mean(1, keepdim=True) + self.eps).rsqrt()
