"""`auc`: how well one number per sample tells two kinds of samples apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, is_scalar, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("auc")
class Auc(Function):
    r"""How well one number per sample tells two kinds of samples apart, $P(b > a)$.

    The share of all pairs in which a sample of the second kind has the larger number; ties
    count half. `auc(F, F(noisy))` is 1 where every noisy sample has more energy than every
    clean one, and one half where the energy tells nothing.

    References: Hanley & McNeil 1982, doi:10.1148/radiology.143.1.7063747
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.STEP, monotone=Monotone.DECREASING, low=0, high=1),
        Facts(smoothness=Smoothness.STEP, monotone=Monotone.INCREASING, low=0, high=1),
    )
    over_split: ClassVar[bool] = True
    symbol: ClassVar[Symbol] = Symbol("AUC({}, {})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for two numbers per sample."""
        wide = next((each for each in arguments if not is_scalar(each)), None)
        return () if wide is None else Misfit(f"{show(wide)} is not one number per sample")

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, two columns [n] and [m] -> []."""
        low, high = (each.flatten() for each in arguments)
        ordered = low.sort().values
        below = torch.searchsorted(ordered, high)
        ties = torch.searchsorted(ordered, high, right=True) - below
        return (below + ties / 2).to(low.dtype).mean() / max(len(low), 1)
