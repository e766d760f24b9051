"""`sigmoid`: logistic function of every entry."""

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
@concept("sigmoid")
class Sigmoid(Function):
    r"""Logistic function of every entry, $\sigma(x) = 1 / (1 + e^{-x})$.

    References: Cox 1958, doi:10.1111/j.2517-6161.1958.tb00292.x
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(block=Block.ELEMENTWISE, monotone=Monotone.INCREASING, low=0, high=1),
    )
    symbol: ClassVar[Symbol] = Symbol("σ({})")

    def shape(self, *arguments: Shape) -> Shape:
        """Return the shape of the argument."""
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        return arguments[0].sigmoid()
