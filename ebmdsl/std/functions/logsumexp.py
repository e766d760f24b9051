"""`logsumexp`: smooth maximum of the entries of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("logsumexp")
class Logsumexp(Function):
    r"""Smooth maximum of the entries of a sample, $\log \sum_i e^{x_i}$.

    References: Blanchard, Higham & Higham 2021, doi:10.1093/imanum/draa038
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(curvature=Curvature.CONVEX, monotone=Monotone.INCREASING),
    )
    symbol: ClassVar[Symbol] = Symbol("log Σ exp {}")

    def shape(self, *arguments: Shape) -> Shape:
        """Return a scalar for any shape."""
        del arguments
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n]."""
        return arguments[0].unsqueeze(-1).flatten(1).logsumexp(-1)
