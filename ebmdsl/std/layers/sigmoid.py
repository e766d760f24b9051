"""`sigmoid`: logistic function of every entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts, Monotone
from ebmdsl.concepts.kinds import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("sigmoid")
class Sigmoid(Layer):
    """Logistic function of every entry, $1 / (1 + e^{-x})$.

    References: Cox 1958, doi:10.1111/j.2517-6161.1958.tb00292.x
    """

    facts: ClassVar[Facts] = Facts(
        block=Block.ELEMENTWISE, monotone=Monotone.INCREASING, low=0, high=1
    )

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare no parameters."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape:
        """Return the shape of the input."""
        return x

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        del weights, context
        return x.sigmoid()
