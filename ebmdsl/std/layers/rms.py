"""`rms`: root mean square normalization."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import Layer, Weight
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.shape import Shape


@final
@concept("rms")
class Rms(Layer):
    r"""Root mean square normalization, $g\, x / \sqrt{\overline{x^2} + \epsilon}$.

    The mean is that along the last axis, for every sample and every place of a sequence by
    itself.

    References: Zhang & Sennrich 2019, arXiv:1910.07467
    """

    eps: float = 1e-5
    facts: ClassVar[Facts] = Facts()

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare a factor for each entry of the last axis."""
        return (Weight("weight", x[-1:], init="ones"),)

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the input."""
        if not x or len(x) > 2:
            return Misfit("only vectors and sequences are normalized along their last axis")
        return x

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        del context
        scale = (x.square().mean(-1, keepdim=True) + self.eps).rsqrt()
        return weights["weight"] * (x * scale)
