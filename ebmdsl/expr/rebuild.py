"""Rebuild a node from changed leaves, in normal form again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.expr.build import add, matmul, multiply, power, transpose
from ebmdsl.expr.calls import call
from ebmdsl.expr.node import Node, Op, make, walk

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    """Return the same operation on other arguments."""
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
        case _:
            return make(node.op, args, data=node.data, shape=node.shape, plates=node.plates)
