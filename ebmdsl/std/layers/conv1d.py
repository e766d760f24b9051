"""`conv1d`: learned kernels slid along a sequence."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import LINEAR, Layer, Weight
from ebmdsl.concepts.shape import Misfit, show, too_small

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.shape import Shape


@final
@concept("conv1d")
class Conv1d(Layer):
    r"""Learned kernels slid along a sequence, $y_t = b + \sum_s W_s x_{t+s}$.

    The sequence is [length, inputs] and keeps its length: zeros stand beyond its ends.

    References: Waibel, Hanazawa, Hinton, Shikano & Lang 1989, doi:10.1109/29.21701
    """

    channels: int
    width: int
    bias: str = "zeros"
    facts: ClassVar[Facts] = LINEAR

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare kernels [channels, inputs, width] and a bias."""
        shape = (self.channels, x[1], self.width)
        kernels = Weight("weight", shape, scale=prod(shape[1:]) ** -0.5)
        if self.bias == "none":
            return (kernels,)
        return (kernels, Weight("bias", (self.channels,), init=self.bias))

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the length and the number of kernels."""
        if len(x) != 2:
            return Misfit(f"{show(x)} is no sequence of length and channels")
        if self.width % 2 == 0:
            return Misfit(f"a width of {self.width} has no middle", "use an odd width", "width")
        refused = too_small(channels=self.channels, width=self.width)
        return refused or (x[0], self.channels)

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, length, inputs] -> [n, length, channels]."""
        del context
        kernels, bias, margin = weights["weight"], weights.get("bias"), self.width // 2
        return torch.nn.functional.conv1d(x.mT, kernels, bias, padding=margin).mT
