"""`entropy`: entropy of a distribution in nats."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("entropy")
class Entropy(Function):
    r"""Entropy of a distribution in nats, $-\sum_i p_i \log p_i$.

    References: Shannon 1948, doi:10.1002/j.1538-7305.1948.tb01338.x
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            curvature=Curvature.CONCAVE, smoothness=Smoothness.C0, block=Block.SEPARABLE, low=0
        ),
    )
    within: ClassVar[tuple[tuple[float, float], ...]] = ((0, 1),)
    symbol: ClassVar[Symbol] = Symbol("H({})")

    def shape(self, *arguments: Shape) -> Shape:
        """Return a scalar for any shape."""
        del arguments
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n]."""
        return cast("Tensor", torch.special.entr(arguments[0])).unsqueeze(-1).flatten(1).sum(-1)
