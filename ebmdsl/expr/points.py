"""Values at other points: what depends on a replaced variable is computed again."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.expr.build import const, joined_plates, multiply
from ebmdsl.expr.node import Node, Op, make, quantities
from ebmdsl.expr.rebuild import rebuilt
from ebmdsl.expr.stacks import stacked, unstacked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ebmdsl.concepts.shape import Shape
    from ebmdsl.expr.node import Plate

FOUND = ("latent", "free", "certificate", "found")  # what is computed, not stored


@final
@record
class Value:
    """What takes the place of a variable: the plates that are the variable's `own` are in it.

    A value without them is a whole sequence, and what has other plates has a value for each.
    """

    node: Node
    own: tuple[Plate, ...] = ()

    @property
    def whole(self) -> Node:
        """Return it as one value, its own plates as leading dimensions."""
        return stacked(self.node, self.own)


def replacing(value: Node, shape: Shape, *, plates: tuple[Plate, ...]) -> Value:
    """Return a value as it takes the place of a variable; a number fills all entries."""
    whole = (*(plate.size for plate in plates), *shape)
    if {*plates} <= {*value.plates}:
        return Value(spread(value, shape), plates)
    return Value(unstacked(spread(value, whole), plates), plates)


def moved(node: Node, values: Mapping[str, Value], *, fixed: frozenset[str]) -> Node:
    """Return a value at the point where variables have these values, all at once.

    Variables are replaced; what is found by inference or by differentiation is found again
    there (`POINT`), unless it is named in `fixed`; numbers over a split stay.
    """
    done: dict[Node, Node] = {}
    for each in _now(node):
        args = tuple(done.get(arg, arg) for arg in each.args)
        done[each] = _moved(each, args, values=values, fixed=fixed)
    return done[node]


def _now(node: Node) -> list[Node]:
    """List what is computed at the sample, arguments first; not what is under a split."""
    seen: dict[Node, None] = {}
    pending = [(node, False)]
    while pending:
        each, ready = pending.pop()
        if ready:
            seen[each] = None
        elif each not in seen:
            pending.append((each, True))
            inside = () if each.op is Op.SPLIT else each.args
            pending.extend((arg, False) for arg in inside)
    return list(seen)


def _moved(
    node: Node, args: tuple[Node, ...], *, values: Mapping[str, Value], fixed: frozenset[str]
) -> Node:
    match node.op:
        case Op.VARIABLE if node.data.name in values:
            return values[node.data.name].node
        case Op.VARIABLE if node.data.role in FOUND and node.data.name not in fixed:
            return point(node, {name: value.whole for name, value in values.items()})
        case Op.GRADIENT if node.data.names & values.keys() or _is_found(node):
            return point(node, {name: value.whole for name, value in values.items()})
        case Op.SPLIT:
            return node
        case Op.POINT:
            return _again(node, args, values=values)
        case _:
            return rebuilt(node, args)


def _is_found(node: Node) -> bool:
    return any(quantity.role in FOUND for quantity in quantities(node))


def _again(node: Node, args: tuple[Node, ...], *, values: Mapping[str, Value]) -> Node:
    """Move a value that is at a point already: what was replaced there stays replaced."""
    held = dict(zip(node.data, args[1:], strict=True))
    return point(node.args[0], {name: value.whole for name, value in values.items()} | held)


def point(node: Node, values: Mapping[str, Node]) -> Node:
    """Return a value that is found again where variables have these values."""
    names = tuple(sorted(values))
    args = (node, *(values[name] for name in names))
    plates = joined_plates(args)
    return make(Op.POINT, args, data=names, shape=node.shape, plates=plates)


def spread(value: Node, shape: Shape) -> Node:
    """Return a number as a value of a shape, the same in every entry."""
    return value if value.shape == shape else multiply(const(1, shape), value)
