"""`quantile`: value below which a share of the entries of a sample lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("quantile")
class Quantile(Function):
    """Value below which a share of the entries of a sample lies.

    References: Koenker & Bassett 1978, doi:10.2307/1913643
    """

    share: float = 0.5
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.C0, monotone=Monotone.INCREASING),
    )
    symbol: ClassVar[Symbol] = Symbol("quantile {}")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for any shape."""
        del arguments
        if not 0 <= self.share <= 1:
            reason = f"the share {self.share:g} is not between 0 and 1"
            return Misfit(reason, option="share")
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n]."""
        ordered = arguments[0].unsqueeze(-1).flatten(1).sort(-1).values
        place = self.share * (ordered.shape[-1] - 1)
        below, above = ordered[:, int(place)], ordered[:, -int(-place // 1)]
        return below + (place % 1) * (above - below)
