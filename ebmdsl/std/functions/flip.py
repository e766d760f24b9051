"""`flip`: sample with one entry turned over."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("flip")
class Flip(Function):
    r"""Sample with one entry turned over, $y_i \leftarrow a + b - y_i$.

    Entries lie between $a$ and $b$ and are numbered from 0 in reading order; `flip(y, i, -1,
    1)` turns over a spin.

    References: Hyvärinen 2007, doi:10.1016/j.csda.2006.09.003
    """

    low: float = 0.0
    high: float = 1.0
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(degree=1, curvature=Curvature.AFFINE, block=Block.ELEMENTWISE),
        Facts(smoothness=Smoothness.STEP),
    )
    takes: ClassVar[tuple[str, ...]] = ("signs", "number")
    symbol: ClassVar[Symbol] = Symbol("flip({}, {})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return the shape of the sample."""
        y, index = arguments
        return y if not index else Misfit(f"an entry has one number, not {show(index)}")

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] and [n] -> [n, *event]."""
        y, index = arguments
        rows, place = y.flatten(1), index.long().reshape(-1, 1)
        turned = self.low + self.high - rows.gather(1, place)
        return rows.scatter(1, place, turned).reshape(y.shape)
