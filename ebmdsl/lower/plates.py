"""Operations on plates: opened, sliced, summed and reduced, one axis for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ebmdsl.expr.node import Node, Op

if TYPE_CHECKING:
    from torch import Tensor


def of_plates(node: Node, x: Tensor) -> Tensor:
    """Return the value of an operation on plates from that of its argument."""
    return _OF_PLATES[node.op](node, x)


def _stacked(node: Node, x: Tensor) -> Tensor:
    """Make plates the leading dimensions; a sequence that is opened stays as it is."""
    inner = node.args[0]
    first = 1 if inner.per_sample else 0
    indices = [plate.index for plate in inner.plates]
    moved = [first + indices.index(index) for index in node.data]
    rest = [first + at for at, index in enumerate(indices) if index not in node.data]
    event = range(first + len(indices), x.dim())
    return x.permute([*range(first), *rest, *moved, *event])


def _shifted(node: Node, x: Tensor) -> Tensor:
    kind, position, offset = node.data
    axis = position + (1 if node.args[0].per_sample else 0)
    if kind == "entry":
        return x.select(axis, offset)
    return x.narrow(axis, offset, node.plates[position].size)


def _sum_plates(node: Node, x: Tensor) -> Tensor:
    inner = node.args[0]
    first = 1 if inner.per_sample else 0
    kept = {plate.index for plate in node.plates}
    places = enumerate(plate.index for plate in inner.plates)
    return x.sum(dim=tuple(first + at for at, index in places if index not in kept))


def _over_plate(node: Node, x: Tensor) -> Tensor:
    """Reduce one plate or one dimension, and no other."""
    word, index, *dimension = node.data
    inner = node.args[0]
    first = 1 if inner.per_sample else 0
    if dimension:
        axis = first + len(inner.plates) + dimension[0]
    else:
        axis = first + [plate.index for plate in inner.plates].index(index)
    if isinstance(word, str):
        return _REDUCTIONS[word](x, axis)
    rows = x.movedim(axis, -1)
    value: Tensor = word.value(rows.reshape(-1, rows.shape[-1]))
    return value.reshape(rows.shape[:-1])


def _median(x: Tensor, axis: int) -> Tensor:
    ordered = x.sort(axis).values
    count = ordered.shape[axis]
    low, high = ordered.select(axis, (count - 1) // 2), ordered.select(axis, count // 2)
    return (low + high) / 2


def _deviation(x: Tensor, axis: int) -> Tensor:
    return x.std(axis, correction=0)


_REDUCTIONS: dict[str, Any] = {
    "sum": torch.sum,
    "mean": torch.mean,
    "std": _deviation,
    "min": torch.amin,
    "max": torch.amax,
    "median": _median,
    "logsumexp": torch.logsumexp,
}

_OF_PLATES = {
    Op.SHIFT: _shifted,
    Op.STACK: _stacked,
    Op.SUM_PLATE: _sum_plates,
    Op.OVER_PLATE: _over_plate,
}
