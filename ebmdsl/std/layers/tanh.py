"""`tanh`: hyperbolic tangent of every entry."""

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
@concept("tanh")
class Tanh(Layer):
    r"""Hyperbolic tangent of every entry, $\tanh x$.

    References: LeCun, Bottou, Orr & Müller 2012, doi:10.1007/978-3-642-35289-8_3
    """

    facts: ClassVar[Facts] = Facts(
        block=Block.ELEMENTWISE, monotone=Monotone.INCREASING, low=-1, high=1
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
        return x.tanh()
