"""`flatten`: all entries in one row, in reading order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("flatten")
class Flatten(Layer):
    """All entries in one row, in reading order.

    References: Henderson & Searle 1981, doi:10.1080/03081088108817379
    """

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

    def shape(self, x: Shape) -> Shape:
        """Return one axis with all entries."""
        return (size(x),)

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, d]."""
        del weights, context
        return x.flatten(1) if x.dim() > 1 else x[:, None]
