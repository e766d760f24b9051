"""`rank`: number of singular values of a matrix above a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol
from ebmdsl.std.singular import singular_values

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("rank")
class Rank(Function):
    """Number of singular values of a matrix above a threshold.

    References: Golub & Van Loan 2013, doi:10.56021/9781421407944, section 5.4
    """

    above: float = 1e-6
    facts: ClassVar[tuple[Facts, ...]] = (Facts(smoothness=Smoothness.STEP, low=0),)
    symbol: ClassVar[Symbol] = Symbol("rank {}")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for a matrix."""
        return () if len(arguments[0]) == 2 else Misfit(f"{show(arguments[0])} is not a matrix")

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, r, c] -> [n]."""
        x = arguments[0]
        return (singular_values(x) > self.above).sum(-1).to(x.dtype)
