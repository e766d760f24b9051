"""`bce`: negative log-likelihood of bits under logits."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, is_scalar, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("bce")
class Bce(Function):
    r"""Negative log-likelihood of bits under logits, $\sum_i \log(1 + e^{l_i}) - y_i l_i$.

    References: Cox 1958, doi:10.1111/j.2517-6161.1958.tb00292.x
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(curvature=Curvature.CONVEX, block=Block.SEPARABLE, low=0),
        Facts(degree=1, curvature=Curvature.AFFINE, block=Block.SEPARABLE, low=0),
    )
    joint: ClassVar[Facts | None] = Facts(block=Block.GROUPED, low=0)
    within: ClassVar[tuple[tuple[float, float], ...]] = ((-inf, inf), (0, 1))
    takes: ClassVar[tuple[str, ...]] = ("number", "shares")
    symbol: ClassVar[Symbol] = Symbol("bce({}, {})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for two equal shapes; a single number may have any axes."""
        left, right = arguments
        if left != right and not (is_scalar(left) and is_scalar(right)):
            return Misfit(
                f"{show(left)} and {show(right)} are not logits and bits of the same entries"
            )
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, two [n, *event] -> [n]."""
        logits, y = arguments
        terms = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, y.reshape(logits.shape), reduction="none"
        )
        return terms.unsqueeze(-1).flatten(1).sum(-1)
