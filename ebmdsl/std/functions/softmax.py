"""`softmax`: probabilities of logits along the last axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("softmax")
class Softmax(Function):
    r"""Probabilities of logits along the last axis, $e^{x_i} / \sum_j e^{x_j}$.

    References: Bridle 1990, doi:10.1007/978-3-642-76153-9_28
    """

    facts: ClassVar[tuple[Facts, ...]] = (Facts(low=0, high=1),)
    symbol: ClassVar[Symbol] = Symbol("softmax({})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return the shape of the argument."""
        return arguments[0] if arguments[0] else Misfit("a scalar has no axis of logits")

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        return arguments[0].softmax(-1)
