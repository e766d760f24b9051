"""Rebuild a node from changed leaves, in normal form again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.expr.build import add, joined_plates, matmul, multiply, power, transpose
from ebmdsl.expr.calls import call
from ebmdsl.expr.node import Node, Op, make, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ebmdsl.expr.node import Plate


def substitute(node: Node, values: Mapping[str, Node]) -> Node:
    """Return the node with variables replaced by values; nothing else changes."""
    done: dict[Node, Node] = {}
    for each in walk(node):
        if each.op is Op.VARIABLE:
            done[each] = values.get(each.data.name, each)
        else:
            done[each] = rebuilt(each, tuple(done[arg] for arg in each.args))
    return done[node]


def rebuilt(node: Node, args: tuple[Node, ...]) -> Node:
    """Return the same operation on other arguments, which may have more plates."""
    if args == node.args:
        return node
    match node.op:
        case Op.ADD:
            return add(*args)
        case Op.MULTIPLY:
            return multiply(*args)
        case Op.POWER:
            return power(args[0], node.data)
        case Op.MATMUL:
            return matmul(*args)
        case Op.TRANSPOSE:
            return transpose(args[0])
        case Op.CALL:
            return call(node.data, *args)
        case Op.SHIFT:
            return _shifted(node, args[0])
        case Op.STACK | Op.SUM_PLATE | Op.OVER_PLATE:
            return _reduced(node, args[0])
        case Op.SPLIT | Op.BATCH:
            return _remade(node, args, plates=node.plates)
        case _:
            return _remade(node, args, plates=joined_plates(args))


def _remade(node: Node, args: tuple[Node, ...], *, plates: tuple[Plate, ...]) -> Node:
    return make(node.op, args, data=node.data, shape=node.shape, plates=plates)


def _shifted(node: Node, arg: Node) -> Node:
    """Take the same slice of the same plate, wherever that plate stands now."""
    kind: str
    position: int
    kind, position, first = node.data
    index = node.args[0].plates[position].index
    at = next(i for i, plate in enumerate(arg.plates) if plate.index == index)
    new = (node.plates[position],) if kind == "slice" else ()
    plates = (*arg.plates[:at], *new, *arg.plates[at + 1 :])
    return make(Op.SHIFT, (arg,), data=(kind, at, first), shape=node.shape, plates=plates)


def _reduced(node: Node, arg: Node) -> Node:
    """Open or reduce the same plates, and keep those that have come in."""
    old = {plate.index for plate in node.args[0].plates}
    gone = old - {plate.index for plate in node.plates}
    opened = (plate for plate in node.plates if plate.index not in old)
    plates = (*(plate for plate in arg.plates if plate.index not in gone), *opened)
    data = node.data if node.op is not Op.SUM_PLATE else over(arg, gone)
    return make(node.op, (arg,), data=data, shape=node.shape, plates=plates)


def over(arg: Node, gone: set[str]) -> tuple[str, ...] | None:
    """Name the plates that are summed; None where these are all."""
    named = tuple(plate.index for plate in arg.plates if plate.index in gone)
    return None if len(named) == len(arg.plates) else named
