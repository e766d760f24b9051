"""`logcosh`: logarithm of the hyperbolic cosine of every entry."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("logcosh")
class Logcosh(Function):
    r"""Logarithm of the hyperbolic cosine of every entry, $\log \cosh x$.

    Near zero it is $x^2 / 2$, far out $\lvert x \rvert - \log 2$: a smooth `abs`, and the
    contrast of independent component analysis.

    References: Hyvärinen 1999, doi:10.1109/72.761722
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(curvature=Curvature.CONVEX, block=Block.ELEMENTWISE, low=0),
    )
    symbol: ClassVar[Symbol] = Symbol("log cosh({})")

    def shape(self, *arguments: Shape) -> Shape:
        """Return the shape of the argument."""
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        x = arguments[0]
        return torch.nn.functional.softplus(2 * x, threshold=40) - x - log(2)
