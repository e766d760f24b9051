"""`silu`: entry times its logistic function."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts
from ebmdsl.concepts.kinds import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("silu")
class Silu(Layer):
    r"""Entry times its logistic function, $x\, \sigma(x)$.

    References: Elfwing, Uchibe & Doya 2018, arXiv:1702.03118
    """

    facts: ClassVar[Facts] = Facts(block=Block.ELEMENTWISE, low=-0.27846454276107383)

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare no parameters."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape:
        """Return the shape of the input."""
        return x

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        del weights, context
        return torch.nn.functional.silu(x)
