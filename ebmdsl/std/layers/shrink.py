"""`shrink`: soft threshold with learned thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Layer, Weight

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.shape import Shape


@final
@concept("shrink")
class Shrink(Layer):
    r"""Soft threshold that is learned, $\mathrm{sign}(x) \max(\lvert x \rvert - \theta, 0)$.

    There is one threshold for each entry, or for each channel of a picture; they start at
    `start` and stay at least 0.

    References: Gregor & LeCun 2010, doi:10.5555/3104322.3104374
    """

    start: float = 0.1
    facts: ClassVar[Facts] = Facts(
        smoothness=Smoothness.C0, block=Block.ELEMENTWISE, monotone=Monotone.INCREASING
    )

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare a threshold for each entry or channel."""
        shape = x[:1] if len(x) == 3 else x[-1:]
        return (Weight("threshold", shape, init="ones", scale=self.start, keeps="nonneg"),)

    def shape(self, x: Shape) -> Shape:
        """Return the shape of the input."""
        return x

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        del context
        threshold = weights["threshold"]
        threshold = threshold[:, None, None] if x.dim() == 4 else threshold
        return x - x.clamp(-threshold, threshold)
