"""`silu`: entry times its logistic function."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("silu")
class Silu(Function):
    r"""Entry times its logistic function, $x\, \sigma(x)$.

    The smallest value is $-W(1/e)$, with Lambert's W.

    References: Elfwing, Uchibe & Doya 2018, arXiv:1702.03118
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(block=Block.ELEMENTWISE, low=-0.27846454276107383),
    )
    symbol: ClassVar[Symbol] = Symbol("silu({})")

    def shape(self, *arguments: Shape) -> Shape:
        """Return the shape of the argument."""
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        return torch.nn.functional.silu(arguments[0])
