"""`largest`: mask of the entries that are largest in size."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("largest")
class Largest(Function):
    """Mask of the entries that are largest in size: one for that share of them, zero elsewhere.

    References: Gregor & LeCun 2010, International Conference on Machine Learning, section 3.3
    """

    share: float
    facts: ClassVar[tuple[Facts, ...]] = (Facts(smoothness=Smoothness.STEP, low=0, high=1),)
    symbol: ClassVar[Symbol] = Symbol("largest({})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return the shape of the argument."""
        if not 0 <= self.share <= 1:
            reason = f"the share {self.share:g} is not between 0 and 1"
            return Misfit(reason, option="share")
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        x = arguments[0]
        sizes = x.abs().unsqueeze(-1).flatten(1)
        kept = round(self.share * sizes.shape[1])
        mask = torch.zeros_like(sizes)
        return mask.scatter(1, sizes.topk(kept, dim=1).indices, 1.0).reshape(x.shape)
