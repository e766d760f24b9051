"""`reshape`: same entries in the same order, in another shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import Misfit, show, size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("reshape")
class Reshape(Layer):
    """Same entries in the same order, in another shape.

    References: Henderson & Searle 1981, doi:10.1080/03081088108817379
    """

    sizes: tuple[int, ...] = ()
    facts: ClassVar[Facts] = Facts(
        degree=1,
        curvature=Curvature.AFFINE,
        block=Block.ELEMENTWISE,
        monotone=Monotone.INCREASING,
    )

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare no parameters."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the new shape if the number of entries is the same."""
        if size(x) != size(self.sizes):
            return Misfit(
                f"{show(x)} has {size(x)} entries, {show(self.sizes)} {size(self.sizes)}"
            )
        return self.sizes

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *sizes]."""
        del weights, context
        return x.reshape(x.shape[0], *self.sizes)
