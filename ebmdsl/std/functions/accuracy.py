"""`accuracy`: share of the samples whose largest score is at the right class."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("accuracy")
class Accuracy(Function):
    """Share of the samples whose largest score is at the right class.

    The labels are tokens, or distributions over the classes (one-hot or soft).

    References: Hastie, Tibshirani & Friedman 2009, doi:10.1007/978-0-387-84858-7, section 2.4
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.STEP, low=0, high=1),
        Facts(smoothness=Smoothness.STEP, low=0, high=1),
    )
    over_split: ClassVar[bool] = True
    takes: ClassVar[tuple[str, ...]] = ("number", "labels")
    symbol: ClassVar[Symbol] = Symbol("accuracy({}, {})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for scores and one label per sample."""
        scores, labels = arguments
        if len(scores) != 1 or labels not in (scores, ()):
            return Misfit(f"{show(labels)} is not the class of scores {show(scores)}")
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, columns [n, k] and [n] or [n, k] -> []."""
        scores, labels = arguments
        right = labels.argmax(-1) if labels.dim() == scores.dim() else labels.long()
        return (scores.argmax(-1) == right).to(scores.dtype).mean()
