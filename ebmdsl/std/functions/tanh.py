"""`tanh`: hyperbolic tangent of every entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts, Monotone
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("tanh")
class Tanh(Function):
    r"""Hyperbolic tangent of every entry, $\tanh x$.

    References: LeCun, Bottou, Orr & Müller 2012, doi:10.1007/978-3-642-35289-8_3
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(block=Block.ELEMENTWISE, monotone=Monotone.INCREASING, low=-1, high=1),
    )
    symbol: ClassVar[Symbol] = Symbol("tanh({})")

    def shape(self, *arguments: Shape) -> Shape:
        """Return the shape of the argument."""
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        return arguments[0].tanh()
