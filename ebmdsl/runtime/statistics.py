"""Statistics of the training split in terms, laws and initial values: computed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ebmdsl.expr.node import Op, walk
from ebmdsl.lower.energy import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from ebmdsl.expr.node import Node

    Values = Mapping[str, Tensor]


@torch.no_grad()
def statistics(node: Node, values: Values) -> dict[str, Tensor]:
    """Return every statistic that an expression holds, by the key of its node, in float64.

    `values` are the training samples, [n, …], and whatever else the expression needs.
    """
    known: dict[str, Tensor] = {}
    for each in walk(node):
        if each.op is Op.SPLIT:
            known[each.key] = _reduced(each, {**values, **known})
    return known


@torch.no_grad()
def settled(node: Node, values: Values) -> Tensor:
    """Return an expression of statistics and constants, in float64."""
    wide = {n: x.double() if x.is_floating_point() else x for n, x in values.items()}
    return evaluate(node, {**wide, **statistics(node, wide)}).double()


def _reduced(node: Node, values: Values) -> Tensor:
    """Reduce a value entry by entry over all samples."""
    x = evaluate(node.args[0], values).double()
    return _REDUCTIONS[str(node.data[0])](x.flatten(1) if x.dim() > 1 else x).reshape(
        node.shape
    )


def _deviation(x: Tensor) -> Tensor:
    return x.std(0, correction=0)


def _covariance(x: Tensor) -> Tensor:
    centered = x - x.mean(0)
    return centered.mT @ centered / len(x)


_REDUCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "mean": lambda x: x.mean(0),
    "std": _deviation,
    "cov": _covariance,
}
