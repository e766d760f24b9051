"""`conv`: learned kernels slid over a picture."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import LINEAR, Layer, Weight
from ebmdsl.concepts.shape import Misfit, layered, show, too_small

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.shape import Shape


@final
@concept("conv")
class Conv(Layer):
    r"""Learned kernels slid over a picture, $y_k = b_k + \sum_c W_{kc} \star x_c$.

    `pad` is a width, `valid` (none), `same` or `full`; `bias = none` leaves the bias out.

    References: LeCun, Bottou, Bengio & Haffner 1998, doi:10.1109/5.726791
    """

    channels: int
    width: int
    stride: int = 1
    pad: int | str = "valid"
    bias: str = "zeros"
    facts: ClassVar[Facts] = LINEAR

    def joined(self, shapes: tuple[Shape, ...]) -> Shape | Misfit:
        """Lay the channels of several pictures on top of each other."""
        return layered(shapes)

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare kernels [channels, inputs, width, width] and a bias."""
        shape = (self.channels, x[0], self.width, self.width)
        kernels = Weight("weight", shape, scale=prod(shape[1:]) ** -0.5)
        if self.bias == "none":
            return (kernels,)
        return (kernels, Weight("bias", (self.channels,), init=self.bias))

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the channels and the number of places of the kernels."""
        if len(x) != 3:
            return Misfit(f"{show(x)} is no picture of channels, height and width")
        refused = too_small(channels=self.channels, width=self.width, stride=self.stride)
        if refused is not None:
            return refused
        if self._margin() < 0:
            return Misfit(
                f"`{self.pad}` is no way to pad",
                "use a width, `valid`, `same` or `full`",
                option="pad",
                known=("valid", "same", "full"),
            )
        if self.pad == "same" and self.width % 2 == 0:
            return Misfit(
                f"a kernel of {self.width} has no middle, so `same` cannot keep the size",
                "use an odd width",
                option="width",
            )
        space = [length + 2 * self._margin() - self.width for length in x[1:]]
        if min(space) < 0:
            return Misfit(
                f"a kernel of {self.width} is wider than {show(x)}", "use `pad = full`"
            )
        return (self.channels, *(length // self.stride + 1 for length in space))

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, inputs, h, w] -> [n, channels, h', w']."""
        del context
        kernels, bias, margin = weights["weight"], weights.get("bias"), self._margin()
        return torch.nn.functional.conv2d(x, kernels, bias, stride=self.stride, padding=margin)

    def _margin(self) -> int:
        """Return the width of the frame, or -1 where the word says nothing."""
        known = {"valid": 0, "same": self.width // 2, "full": self.width - 1}
        return known.get(self.pad, -1) if isinstance(self.pad, str) else self.pad
