"""`local`: kernels slid over a picture, with other weights at every place."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import LINEAR, Layer, Weight
from ebmdsl.concepts.shape import Misfit, layered, too_small, windows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.shape import Shape


@final
@concept("local")
class Local(Layer):
    r"""Kernels with other weights at every place, $y_{kp} = b_{kp} + W_{kp} \cdot x_p$.

    `bias = none` leaves the bias out.

    References: Taigman, Yang, Ranzato & Wolf 2014, doi:10.1109/CVPR.2014.220
    """

    channels: int
    width: int
    stride: int = 1
    bias: str = "zeros"
    facts: ClassVar[Facts] = LINEAR

    def joined(self, shapes: tuple[Shape, ...]) -> Shape | Misfit:
        """Lay the channels of several pictures on top of each other."""
        return layered(shapes)

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare [h', w', channels, inputs * width * width] and a bias for every output."""
        h, w = self._places(x)
        inputs = x[0] * self.width**2
        kernels = Weight("weight", (h, w, self.channels, inputs), scale=inputs**-0.5)
        if self.bias == "none":
            return (kernels,)
        return (kernels, Weight("bias", (self.channels, h, w), init=self.bias))

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the channels and the number of places of the kernels."""
        refused = too_small(channels=self.channels)
        if refused is not None:
            return refused
        after = windows(x, self.width, stride=self.stride)
        return after if isinstance(after, Misfit) else (self.channels, *after[1:])

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, inputs, h, w] -> [n, channels, h', w']."""
        del context
        cut = x.unfold(2, self.width, self.stride).unfold(3, self.width, self.stride)
        seen = cut.permute(0, 2, 3, 1, 4, 5).flatten(3)
        out = torch.einsum("nhwi,hwki->nkhw", seen, weights["weight"])
        return out + weights["bias"] if "bias" in weights else out

    def _places(self, x: Shape) -> tuple[int, int]:
        h, w = ((length - self.width) // self.stride + 1 for length in x[1:])
        return h, w
