"""`std`: standard deviation of a sample's entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast, final

from ebmdsl.concepts.abilities import Homogeneous
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Curvature, Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("std")
class Std(Function, Homogeneous):
    r"""Standard deviation of a sample's entries, $\sqrt{\tfrac1d \sum_i (x_i - \bar x)^2}$.

    References: Welford 1962, doi:10.1080/00401706.1962.10490022
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(curvature=Curvature.CONVEX, smoothness=Smoothness.C0, low=0),
    )
    symbol: ClassVar[Symbol] = Symbol("std({})")

    @property
    def order(self) -> int:
        """Return 1: a factor leaves as its absolute value."""
        return 1

    def shape(self, *arguments: Shape) -> Shape:
        """Return a scalar for any shape."""
        del arguments
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n]."""
        x = arguments[0].unsqueeze(-1).flatten(1)
        centered = x - x.mean(-1, keepdim=True)
        length = cast("Tensor", centered.norm(dim=-1))
        return length / x.shape[-1] ** 0.5
