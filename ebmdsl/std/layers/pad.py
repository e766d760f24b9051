"""`pad`: frame of zeros around a picture, of the same width on every side."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("pad")
class Pad(Layer):
    """Frame of zeros around a picture, of the same width on every side.

    References: Goodfellow, Bengio & Courville 2016, Deep Learning, section 9.5
    """

    width: int
    facts: ClassVar[Facts] = Facts(
        degree=1, curvature=Curvature.AFFINE, block=Block.GROUPED, monotone=Monotone.INCREASING
    )

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare no parameters."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape with a frame around the last two axes."""
        if len(x) < 2:
            return Misfit(f"{show(x)} has no frame", "it needs height and width")
        if self.width < 0:
            return Misfit(f"a frame is at least 0 wide, not {self.width}", option="width")
        return (*x[:-2], *(length + 2 * self.width for length in x[-2:]))

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event, h, w] -> [n, *event, h + 2 width, w + 2 width]."""
        del weights, context
        return torch.nn.functional.pad(x, (self.width,) * 4)
