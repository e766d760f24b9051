"""`offdiag_mean`: mean of the entries of a matrix that are not on its diagonal."""

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
@concept("offdiag_mean")
class OffdiagMean(Function):
    r"""Mean of the entries of a matrix beside its diagonal, $\sum_{i \ne j} x_{ij} / n(n - 1)$.

    With cosines between samples as entries: how much alike different samples are.

    References: Zhao, Mathieu & LeCun 2017, arXiv:1609.03126, section 2.4
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            degree=1,
            curvature=Curvature.AFFINE,
            block=Block.SEPARABLE,
            monotone=Monotone.INCREASING,
        ),
    )
    symbol: ClassVar[Symbol] = Symbol("offdiag mean({})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for a square matrix of two rows or more."""
        event = arguments[0]
        if len(event) != 2 or event[0] != event[1] or event[0] < 2:
            return Misfit(f"{show(event)} is not a square matrix of two rows or more")
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, d, d] -> [n]."""
        x = arguments[0]
        count = x.shape[-1] * (x.shape[-1] - 1)
        return (x.flatten(1).sum(1) - x.diagonal(dim1=1, dim2=2).sum(1)) / count
