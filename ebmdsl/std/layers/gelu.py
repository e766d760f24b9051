"""`gelu`: entry times its normal distribution function."""

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
@concept("gelu")
class Gelu(Layer):
    r"""Entry times its normal distribution function, $x\, \Phi(x)$.

    References: Hendrycks & Gimpel 2016, arXiv:1606.08415
    """

    facts: ClassVar[Facts] = Facts(block=Block.ELEMENTWISE, low=-0.16997120747990369)

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
        return torch.nn.functional.gelu(x)
