"""`upconv`: learned kernels put down at every pixel of a picture and added up."""

from __future__ import annotations

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
@concept("upconv")
class Upconv(Layer):
    r"""Learned kernels put down at every pixel, $y_{k, si + u} = b_k + \sum x_{ci} W_{cku}$.

    It is the transpose of `conv`: a stride of 2 makes a picture twice as large. `pad` is a
    width that is cut off on every side, `valid` (nothing is) or `same` (the output is the
    input times the stride); `bias = none` leaves the bias out.

    References: Zeiler, Krishnan, Taylor & Fergus 2010, doi:10.1109/CVPR.2010.5539957
    """

    channels: int
    width: int
    stride: int = 1
    pad: int | str = "same"
    bias: str = "zeros"
    facts: ClassVar[Facts] = LINEAR

    def joined(self, shapes: tuple[Shape, ...]) -> Shape | Misfit:
        """Lay the channels of several pictures on top of each other."""
        return layered(shapes)

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare kernels [inputs, channels, width, width] and a bias."""
        shape = (x[0], self.channels, self.width, self.width)
        scale = self.stride / (x[0] * self.width**2) ** 0.5
        kernels = Weight("weight", shape, scale=scale)
        if self.bias == "none":
            return (kernels,)
        return (kernels, Weight("bias", (self.channels,), init=self.bias))

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the channels and the size of the larger picture."""
        if len(x) != 3:
            return Misfit(f"{show(x)} is no picture of channels, height and width")
        refused = too_small(channels=self.channels, width=self.width, stride=self.stride)
        if refused is not None:
            return refused
        if self.pad == "same" and self.width < self.stride:
            return Misfit(
                f"kernels of {self.width} leave gaps at a stride of {self.stride}",
                "use wider kernels",
                option="width",
            )
        if isinstance(self.pad, str) and self.pad not in ("valid", "same"):
            return Misfit(
                f"`{self.pad}` is no way to pad",
                "use a width, `valid` or `same`",
                option="pad",
                known=("valid", "same"),
            )
        margin, extra = self._margins()
        space = [self.stride * (n - 1) + self.width - 2 * margin + extra for n in x[1:]]
        if margin < 0 or min(space) < 1:
            return Misfit(f"nothing is left when {margin} are cut off on every side")
        return (self.channels, *space)

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, inputs, h, w] -> [n, channels, h', w']."""
        del context
        margin, extra = self._margins()
        return torch.nn.functional.conv_transpose2d(
            x,
            weights["weight"],
            weights.get("bias"),
            stride=self.stride,
            padding=margin,
            output_padding=extra,
        )

    def _margins(self) -> tuple[int, int]:
        """Return what is cut off on every side, and what is added at the far ends."""
        if isinstance(self.pad, int):
            return self.pad, 0
        spare = self.width - self.stride if self.pad == "same" else 0
        return (spare + 1) // 2, spare % 2
