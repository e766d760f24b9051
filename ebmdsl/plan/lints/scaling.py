"""Scaling as a proof: multiply some variables by powers of t; what becomes of a term?

A term has degree k where it becomes t^k times itself. If parameters can be scaled so that the
cost stays as it is and a penalty has a degree above zero, the penalty can be made as small as
one likes, and limits nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ebmdsl.concepts.abilities import Homogeneous
from ebmdsl.concepts.facts import Facts, Monotone
from ebmdsl.expr.node import Node, Op

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ebmdsl.check.model import Net
    from ebmdsl.concepts.kinds import Function

Side = Literal["value", "in", "out"]
Moves = dict[tuple[str, Side], float]
"""The power of t of a variable, of what goes into a net, and of what comes out of it."""

KEEPS_FACTORS = frozenset({"relu", "lrelu", "max", "min", "median", "flatten", "reshape"})
LINEAR_LAYERS = frozenset({"linear", "conv", "conv1d", "gain", "upconv"})
REDUCTIONS = frozenset({"sum", "mean", "max", "min"})
KEPT_INSIDE = (Op.STOP, Op.TRANSPOSE, Op.STACK, Op.SHIFT, Op.INDEX, Op.SUM_PLATE)


def degree(node: Node, moves: Mapping[tuple[str, Side], float]) -> float | None:
    """Return the degree of a node, or None where it has none; what is not moved has 0."""
    match node.op:
        case Op.CONST:
            return 0.0
        case Op.VARIABLE:
            return moves.get((node.data.name, "value"), 0.0)
        case Op.ADD:
            return _common(node.args, moves)
        case Op.MULTIPLY | Op.MATMUL:
            return _total(node.args, moves)
        case Op.POWER:
            inner = degree(node.args[0], moves)
            return None if inner is None else inner * node.data
        case Op.CALL:
            return _of_call(node, moves)
        case Op.APPLY:
            return _of_net(node, moves)
        case _ if _keeps(node):
            return _first(node.args, moves)
        case _:
            return None if _touched(node, moves) else 0.0


def _common(args: Sequence[Node], moves: Mapping[tuple[str, Side], float]) -> float | None:
    found = {degree(arg, moves) for arg in args}
    return found.pop() if len(found) == 1 else None


def _total(args: Sequence[Node], moves: Mapping[tuple[str, Side], float]) -> float | None:
    found = [degree(arg, moves) for arg in args]
    known = [each for each in found if each is not None]
    return sum(known) if len(known) == len(found) else None


def _first(args: Sequence[Node], moves: Mapping[tuple[str, Side], float]) -> float | None:
    rest = _total(args[1:], moves) if len(args) > 1 else 0.0
    return degree(args[0], moves) if rest == 0 else None


def _touched(node: Node, moves: Mapping[tuple[str, Side], float]) -> bool:
    return any(name in node.names for (name, _), power in moves.items() if power)


def _of_call(node: Node, moves: Mapping[tuple[str, Side], float]) -> float | None:
    function: Function = node.data
    if isinstance(function, Homogeneous):
        inner = degree(node.args[0], moves)
        return None if inner is None else inner * function.order
    if function.bilinear:
        return _total(node.args, moves)
    common = _common(node.args, moves)
    return common if common == 0 or _keeps_factors(function) else None


def _keeps_factors(function: Function) -> bool:
    linear = all(each.degree == 1 and _rises(each) for each in function.facts)
    return linear or function.word in KEEPS_FACTORS


def _rises(facts: Facts) -> bool:
    return facts.monotone is Monotone.INCREASING


def _of_net(node: Node, moves: Mapping[tuple[str, Side], float]) -> float | None:
    net: Net = node.data
    undone = [moves.get(_entrance(net, place), 0.0) for place in range(len(node.args))]
    if undone != [degree(arg, moves) for arg in node.args]:
        return None
    return moves.get((net.name, "out"), 0.0)


def _entrance(net: Net, place: int) -> tuple[str, Side]:
    """Return the key of one of the inputs of a net: each meets weights of its own."""
    return f"{net.name}({place})", "in"


def _keeps(node: Node) -> bool:
    """Tell whether a factor of the first argument is one of the value."""
    return node.op in KEPT_INSIDE or (node.op is Op.OVER_PLATE and node.data[0] in REDUCTIONS)


def fits(node: Node, wanted: float, *, moves: Moves, loose: frozenset[str]) -> Iterator[Moves]:
    """List the ways to move what is `loose` so that a node has a degree."""
    match node.op:
        case Op.CONST:
            yield from (moves,) if wanted == 0 or node.data == 0 else ()
        case Op.VARIABLE:
            yield from _of_variable(node.data.name, wanted, moves=moves, loose=loose)
        case Op.ADD:
            yield from together(node.args, wanted, moves=moves, loose=loose)
        case Op.MULTIPLY | Op.MATMUL:
            yield from _shared(node.args, wanted, moves=moves, loose=loose)
        case Op.POWER:
            yield from fits(node.args[0], wanted / node.data, moves=moves, loose=loose)
        case Op.CALL:
            yield from _by_call(node, wanted, moves=moves, loose=loose)
        case Op.APPLY:
            yield from _by_net(node, wanted, moves=moves, loose=loose)
        case _ if _keeps(node):
            for found in fits(node.args[0], wanted, moves=moves, loose=loose):
                yield from together(node.args[1:], 0.0, moves=found, loose=loose)
        case _:
            yield from (moves,) if wanted == 0 and not _touched(node, moves) else ()


def _of_variable(
    name: str, wanted: float, *, moves: Moves, loose: frozenset[str]
) -> Iterator[Moves]:
    known = moves.get((name, "value"), None if name in loose else 0.0)
    if known is None:
        yield {**moves, (name, "value"): wanted}
    elif known == wanted:
        yield moves


def together(
    nodes: Sequence[Node], wanted: float, *, moves: Moves, loose: frozenset[str]
) -> Iterator[Moves]:
    """List the ways for several nodes to have one degree."""
    if not nodes:
        yield moves
        return
    for found in fits(nodes[0], wanted, moves=moves, loose=loose):
        yield from together(nodes[1:], wanted, moves=found, loose=loose)


def _shared(
    factors: Sequence[Node], wanted: float, *, moves: Moves, loose: frozenset[str]
) -> Iterator[Moves]:
    """Let one factor make up for what the others have."""
    for carrier in factors:
        rest = [each for each in factors if each is not carrier]
        known = [degree(each, moves) for each in rest]
        if len(rest) < len(factors) - 1 or None in known:
            continue
        pairs = list(zip(rest, (each or 0.0 for each in known), strict=True))
        missing = wanted - sum(power for _, power in pairs)
        for found in _each(pairs, moves=moves, loose=loose):
            yield from fits(carrier, missing, moves=found, loose=loose)


def _each(
    pairs: Sequence[tuple[Node, float]], *, moves: Moves, loose: frozenset[str]
) -> Iterator[Moves]:
    if not pairs:
        yield moves
        return
    node, power = pairs[0]
    for found in fits(node, power, moves=moves, loose=loose):
        yield from _each(pairs[1:], moves=found, loose=loose)


def _by_call(
    node: Node, wanted: float, *, moves: Moves, loose: frozenset[str]
) -> Iterator[Moves]:
    function: Function = node.data
    if isinstance(function, Homogeneous):
        if function.order:
            inner = wanted / function.order
            yield from fits(node.args[0], inner, moves=moves, loose=loose)
    elif function.bilinear:
        yield from _shared(node.args, wanted, moves=moves, loose=loose)
    elif wanted == 0 or _keeps_factors(function):
        yield from together(node.args, wanted, moves=moves, loose=loose)


def _by_net(
    node: Node, wanted: float, *, moves: Moves, loose: frozenset[str]
) -> Iterator[Moves]:
    net: Net = node.data
    powers = [degree(arg, moves) for arg in node.args]
    taken = {_entrance(net, i): power for i, power in enumerate(powers) if power is not None}
    fixed = any(moves.get(key, power) != power for key, power in taken.items())
    stuck = any(taken.values()) and not (net.name in loose and _takes(net))
    if (
        len(taken) < len(powers)
        or fixed
        or stuck
        or not _may_give(net, wanted, moves=moves, loose=loose)
    ):
        return
    pairs = list(zip(node.args, taken.values(), strict=True))
    moved: Moves = {**moves, **taken, (net.name, "out"): wanted}
    yield from _each(pairs, moves=moved, loose=loose)


def _may_give(net: Net, wanted: float, *, moves: Moves, loose: frozenset[str]) -> bool:
    known = moves.get((net.name, "out"))
    if known is not None:
        return known == wanted
    return wanted == 0 or (net.name in loose and _gives(net))


def _takes(net: Net) -> bool:
    """Tell whether the first weights of a net can undo a factor of its input."""
    words = [layer.word for layer in net.layers if layer.word not in ("flatten", "reshape")]
    return bool(words) and words[0] in LINEAR_LAYERS


def _gives(net: Net) -> bool:
    """Tell whether the last weights of a net can give its output any factor above zero."""
    words = [layer.word for layer in net.layers if layer.word not in KEEPS_FACTORS]
    return bool(words) and words[-1] in LINEAR_LAYERS
