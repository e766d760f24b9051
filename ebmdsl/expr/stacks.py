"""Sequences: plates that become leading dimensions, and dimensions that become plates."""

from __future__ import annotations

from ebmdsl.expr.node import Node, Op, Plate, make


def stacked(node: Node, plates: tuple[Plate, ...]) -> Node:
    """Return a value whose plates are leading dimensions, in their order."""
    if not plates:
        return node
    sizes = tuple(plate.size for plate in plates)
    opened = node.args[0] if node.op is Op.STACK and not node.data else None
    if opened is not None and opened.shape == (*sizes, *node.shape):
        return opened
    indices = tuple(plate.index for plate in plates)
    rest = tuple(plate for plate in node.plates if plate.index not in indices)
    return make(Op.STACK, (node,), data=indices, shape=(*sizes, *node.shape), plates=rest)


def unstacked(value: Node, plates: tuple[Plate, ...]) -> Node:
    """Return a value whose leading dimensions are plates."""
    if not plates:
        return value
    indices = tuple(plate.index for plate in plates)
    if value.op is Op.STACK and value.data == indices and _holds(value.args[0], plates):
        return value.args[0]
    shape = value.shape[len(plates) :]
    return make(Op.STACK, (value,), data=(), shape=shape, plates=(*value.plates, *plates))


def _holds(node: Node, plates: tuple[Plate, ...]) -> bool:
    return {*plates} <= {*node.plates}
