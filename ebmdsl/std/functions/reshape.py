"""`reshape`: same entries in the same order, in another shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show, size
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("reshape")
class Reshape(Function):
    """Same entries in the same order, in another shape.

    References: Henderson & Searle 1981, doi:10.1080/03081088108817379
    """

    sizes: tuple[int, ...] = ()
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            degree=1,
            curvature=Curvature.AFFINE,
            block=Block.ELEMENTWISE,
            monotone=Monotone.INCREASING,
        ),
    )
    symbol: ClassVar[Symbol] = Symbol("{}")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return the new shape if the number of entries is the same."""
        if size(arguments[0]) != size(self.sizes):
            return Misfit(
                f"{show(arguments[0])} has {size(arguments[0])} entries and "
                f"{show(self.sizes)} has {size(self.sizes)}"
            )
        return self.sizes

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *sizes]."""
        return arguments[0].reshape(arguments[0].shape[0], *self.sizes)
