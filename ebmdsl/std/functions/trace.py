"""`trace`: sum of the diagonal of a square matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("trace")
class Trace(Function):
    r"""Sum of the diagonal of a square matrix, $\mathrm{tr}\, X = \sum_i x_{ii}$.

    References: Horn & Johnson 2012, doi:10.1017/CBO9781139020411, section 1.2
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            degree=1,
            curvature=Curvature.AFFINE,
            block=Block.SEPARABLE,
            monotone=Monotone.INCREASING,
        ),
    )
    symbol: ClassVar[Symbol] = Symbol("tr {}")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for a square matrix."""
        return (
            ()
            if len(arguments[0]) == 2 and len(set(arguments[0])) == 1
            else Misfit(f"{show(arguments[0])} is not a square matrix")
        )

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, d, d] -> [n]."""
        return arguments[0].diagonal(dim1=1, dim2=2).sum(-1)
