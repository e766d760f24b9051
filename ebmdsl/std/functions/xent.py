"""`xent`: negative log-likelihood of tokens."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("xent")
class Xent(Function):
    r"""Negative log-likelihood of tokens, $\sum_t \log \sum_k e^{l_{tk}} - l_{t y_t}$.

    The labels are tokens, or distributions over the last axis (one-hot or soft).

    References: Bridle 1990, doi:10.1007/978-3-642-76153-9_28
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(curvature=Curvature.CONVEX, low=0),
        Facts(
            degree=1,
            curvature=Curvature.AFFINE,
            block=Block.SEPARABLE,
            monotone=Monotone.INCREASING,
            low=0,
        ),
    )
    joint: ClassVar[Facts | None] = Facts(low=0)
    within: ClassVar[tuple[tuple[float, float], ...]] = ((-inf, inf), (0, 1))
    takes: ClassVar[tuple[str, ...]] = ("number", "labels")
    symbol: ClassVar[Symbol] = Symbol("xent({}, {})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for logits and tokens, or one-hot labels of the same shape."""
        logits, labels = arguments
        if not logits or labels not in (logits, logits[:-1]):
            return Misfit(f"{show(labels)} are not labels for logits {show(logits)}")
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event, k] and [n, *event] or [n, *event, k] -> [n]."""
        logits, y = arguments
        logs = logits.log_softmax(-1)
        if y.dim() == logits.dim():
            return -(y * logs).flatten(1).sum(-1)
        return -logs.gather(-1, y.long().unsqueeze(-1)).flatten(1).sum(-1)
