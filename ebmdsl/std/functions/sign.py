"""`sign`: sign of every entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("sign")
class Sign(Function):
    r"""Sign of every entry: $-1$, $0$ or $1$.

    References: Rockafellar & Wets 1998, doi:10.1007/978-3-642-02431-3, section 1.1
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            smoothness=Smoothness.STEP,
            block=Block.ELEMENTWISE,
            monotone=Monotone.INCREASING,
            low=-1,
            high=1,
        ),
    )
    symbol: ClassVar[Symbol] = Symbol("sign({})")

    def shape(self, *arguments: Shape) -> Shape:
        """Return the shape of the argument."""
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        return arguments[0].sign()
