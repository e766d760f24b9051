"""`dot`: the inner product."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("dot")
class Dot(Function):
    r"""Inner product over all of a sample's dimensions, $\langle x, y \rangle$.

    References: Golub & Van Loan 2013, Matrix Computations, section 1.1
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(degree=1, curvature=Curvature.AFFINE, block=Block.SEPARABLE),
        Facts(degree=1, curvature=Curvature.AFFINE, block=Block.SEPARABLE),
    )
    symbol: ClassVar[Symbol] = Symbol("⟨{}, {}⟩")
    bilinear: ClassVar[bool] = True

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for two equal shapes."""
        left, right = arguments
        if left != right:
            return Misfit(f"{show(left)} and {show(right)} have no inner product")
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, two [n, *event] -> [n]."""
        left, right = arguments
        return (left.unsqueeze(-1).flatten(1) * right.unsqueeze(-1).flatten(1)).sum(-1)
