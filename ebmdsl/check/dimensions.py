"""The names of a value's dimensions, as far as they are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.check.model import Block, Declared
from ebmdsl.check.plates import whole_node
from ebmdsl.concepts.shape import show
from ebmdsl.expr.node import Node, Op

if TYPE_CHECKING:
    from ebmdsl.check.scope import Scope

_ALIGNED = (Op.ADD, Op.MULTIPLY, Op.POWER, Op.COMPARE, Op.CALL, Op.STOP, Op.POINT, Op.APPLY)


def dimensions(scope: Scope, node: Node) -> tuple[str, ...]:
    """Return the name of every dimension, empty where it has none."""
    unknown = ("",) * len(node.shape)
    match node.op:
        case Op.VARIABLE:
            bound = scope.bound.get(node.data.name)
            named = bound.dims if isinstance(bound, Declared) else ()
            return named if len(named) == len(node.shape) else unknown
        case Op.STACK if node.data:
            return (*node.data, *dimensions(scope, node.args[0]))
        case Op.STACK:
            return dimensions(scope, node.args[0])[-len(node.shape) :] if node.shape else ()
        case Op.BATCH:
            return ("batch", *dimensions(scope, node.args[0]))
        case Op.SHIFT:
            return dimensions(scope, node.args[0])
        case Op.INDEX if len(node.args) == 1:
            names = dimensions(scope, node.args[0])
            kept = names[node.data.axis : node.data.axis + 1] if node.data.high else ()
            return (*names[: node.data.axis], *kept, *names[node.data.axis + 1 :])
        case _:
            return _common(scope, node) if node.op in _ALIGNED else unknown


def _common(scope: Scope, node: Node) -> tuple[str, ...]:
    """Return the names that an operation keeps, which joins values entry by entry."""
    found = [""] * len(node.shape)
    for arg in node.args:
        names = dimensions(scope, arg) if arg.shape == node.shape else ()
        found = [one or other for one, other in zip(found, names or found, strict=True)]
    return tuple(found)


def described(bound: Declared | Block) -> str:
    """Say what shape a name was declared with, dimensions by their names."""
    node = whole_node(bound)
    indices = ", ".join(plate.index for plate in node.plates)
    name = f"{bound.name}[{indices}]" if indices else bound.name
    return f"`{name}` is {_sizes(bound, node)}"


def _sizes(bound: Declared | Block, node: Node) -> str:
    dims = bound.dims if isinstance(bound, Declared) else ()
    if not any(dims):
        return show(node.shape)
    pairs = zip(dims, node.shape, strict=True)
    return f"[{', '.join(f'{name} = {size}' if name else str(size) for name, size in pairs)}]"
