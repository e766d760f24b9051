"""`median`: middle value of the entries of a sample, or the mean of the middle two."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("median")
class Median(Function):
    """Middle value of the entries of a sample, or the mean of the middle two.

    References: Koenker & Bassett 1978, doi:10.2307/1913643
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.C0, monotone=Monotone.INCREASING),
    )
    symbol: ClassVar[Symbol] = Symbol("median {}")

    def shape(self, *arguments: Shape) -> Shape:
        """Return a scalar for any shape."""
        del arguments
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n]."""
        ordered = arguments[0].unsqueeze(-1).flatten(1).sort(-1).values
        middle = ordered.shape[-1] // 2
        return (ordered[:, middle] + ordered[:, -middle - 1]) / 2
