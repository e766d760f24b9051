"""Scaling as a proof: multiply some variables by powers of t; what becomes of a term?

A term has degree k where it becomes t^k times itself. If parameters can be scaled so that the
cost stays as it is and a penalty has a degree above zero, the penalty can be made as small as
one likes, and limits nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, final

from ebmdsl.concepts.abilities import Homogeneous
from ebmdsl.concepts.facts import Facts, Monotone
from ebmdsl.expr.node import Node, Op, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ebmdsl.check.model import Net
    from ebmdsl.concepts.kinds import Function

Side = Literal["value", "in", "out"]
Moves = dict[tuple[str, Side], float]
"""The power of t of a variable, of what goes into a net, and of what comes out of it."""

KEEPS_FACTORS = frozenset({"relu", "lrelu", "max", "min", "median", "flatten", "reshape"})
LINEAR_LAYERS = frozenset({"linear", "conv", "conv1d", "gain", "upconv", "local"})
REDUCTIONS = frozenset({"sum", "mean", "max", "min"})
KEPT_INSIDE = (Op.STOP, Op.TRANSPOSE, Op.STACK, Op.SHIFT, Op.INDEX, Op.SUM_PLATE)


def degree(node: Node, moves: Mapping[tuple[str, Side], float]) -> float | None:
    """Return the degree of a node, or None where it has none; what is not moved has 0."""
    touched = {key.partition("(")[0] for (key, _), power in moves.items() if power}
    found: dict[Node, float | None] = {}
    if not node.names & touched:
        return 0.0
    for each in walk(node):
        found[each] = _degree(each, moves, found=found) if each.names & touched else 0.0
    return found[node]


def _degree(
    node: Node,
    moves: Mapping[tuple[str, Side], float],
    *,
    found: Mapping[Node, float | None],
) -> float | None:
    args = [found[arg] for arg in node.args]
    match node.op:
        case Op.VARIABLE:
            return moves.get((node.data.name, "value"), 0.0)
        case Op.ADD:
            return _common(args)
        case Op.MULTIPLY | Op.MATMUL:
            return _total(args)
        case Op.POWER:
            return None if args[0] is None else args[0] * node.data
        case Op.CALL:
            return _of_call(node.data, args)
        case Op.APPLY:
            undone = [moves.get(_entrance(node.data, i), 0.0) for i in range(len(args))]
            return moves.get((node.data.name, "out"), 0.0) if undone == args else None
        case _ if _keeps(node):
            return args[0] if _total(args[1:]) == 0 else None
        case _:
            return None


def _common(powers: Sequence[float | None]) -> float | None:
    return powers[0] if len({*powers}) == 1 else None


def _total(powers: Sequence[float | None]) -> float | None:
    known = [each for each in powers if each is not None]
    return sum(known) if len(known) == len(powers) else None


def _of_call(function: Function, powers: Sequence[float | None]) -> float | None:
    if isinstance(function, Homogeneous):
        return None if powers[0] is None else powers[0] * function.order
    if function.bilinear:
        return _total(powers)
    common = _common(powers)
    return common if common == 0 or _keeps_factors(function) else None


def _keeps_factors(function: Function) -> bool:
    linear = all(each.degree == 1 and _rises(each) for each in function.facts)
    return linear or function.word in KEEPS_FACTORS


def _rises(facts: Facts) -> bool:
    return facts.monotone is Monotone.INCREASING


def _entrance(net: Net, place: int) -> tuple[str, Side]:
    """Return the key of one of the inputs of a net: each meets weights of its own."""
    return f"{net.name}({place})", "in"


def _keeps(node: Node) -> bool:
    """Tell whether a factor of the first argument is one of the value."""
    return node.op in KEPT_INSIDE or (node.op is Op.OVER_PLATE and node.data[0] in REDUCTIONS)


@final
@dataclass(slots=True)
class Search:
    """A search for powers of what is `loose`; it gives up after a number of steps.

    Giving up is safe: nothing is proved then, and nothing said.
    """

    loose: frozenset[str]
    left: int = 100_000

    def degree(self, node: Node, moves: Moves) -> float | None:
        """Return the degree of a node; looking into a large one counts as many steps."""
        touched = any(name in node.names for name, _ in moves)
        self.left -= sum(1 for _ in walk(node)) if touched else 1
        return degree(node, moves)

    def fits(self, node: Node, wanted: float, *, moves: Moves) -> Iterator[Moves]:
        """List the ways to move what is loose so that a node has a degree."""
        self.left -= 1
        if self.left < 0:
            return
        match node.op:
            case Op.CONST:
                yield from (moves,) if wanted == 0 or node.data == 0 else ()
            case Op.VARIABLE:
                yield from self._of_variable(node.data.name, wanted, moves=moves)
            case Op.ADD:
                yield from self.together(node.args, wanted, moves=moves)
            case Op.MULTIPLY | Op.MATMUL:
                yield from self._shared(node.args, wanted, moves=moves)
            case Op.POWER:
                yield from self.fits(node.args[0], wanted / node.data, moves=moves)
            case Op.CALL:
                yield from self._by_call(node, wanted, moves=moves)
            case Op.APPLY:
                yield from self._by_net(node, wanted, moves=moves)
            case _ if _keeps(node):
                for found in self.fits(node.args[0], wanted, moves=moves):
                    yield from self.together(node.args[1:], 0.0, moves=found)
            case _:
                yield from (moves,) if wanted == degree(node, moves) == 0 else ()

    def _of_variable(self, name: str, wanted: float, *, moves: Moves) -> Iterator[Moves]:
        known = moves.get((name, "value"), None if name in self.loose else 0.0)
        if known is None:
            yield {**moves, (name, "value"): wanted}
        elif known == wanted:
            yield moves

    def together(
        self, nodes: Sequence[Node], wanted: float, *, moves: Moves
    ) -> Iterator[Moves]:
        """List the ways for several nodes to have one degree."""
        yield from self._each([(node, wanted) for node in nodes], moves=moves)

    def _each(self, pairs: Sequence[tuple[Node, float]], *, moves: Moves) -> Iterator[Moves]:
        if not pairs:
            yield moves
            return
        node, power = pairs[0]
        for found in self.fits(node, power, moves=moves):
            yield from self._each(pairs[1:], moves=found)

    def _shared(
        self, factors: Sequence[Node], wanted: float, *, moves: Moves
    ) -> Iterator[Moves]:
        """Let one factor make up for what the others have."""
        known = [self.degree(each, moves) for each in factors]
        for at, carrier in enumerate(factors):
            rest = [pair for i, pair in enumerate(zip(factors, known, strict=True)) if i != at]
            pairs = [(node, power) for node, power in rest if power is not None]
            if len(pairs) < len(rest) or any(node is carrier for node, _ in pairs):
                continue
            missing = wanted - sum(power for _, power in pairs)
            for found in self._each(pairs, moves=moves):
                yield from self.fits(carrier, missing, moves=found)

    def _by_call(self, node: Node, wanted: float, *, moves: Moves) -> Iterator[Moves]:
        function: Function = node.data
        if isinstance(function, Homogeneous):
            if function.order:
                yield from self.fits(node.args[0], wanted / function.order, moves=moves)
        elif function.bilinear:
            yield from self._shared(node.args, wanted, moves=moves)
        elif wanted == 0 or _keeps_factors(function):
            yield from self.together(node.args, wanted, moves=moves)

    def _by_net(self, node: Node, wanted: float, *, moves: Moves) -> Iterator[Moves]:
        net: Net = node.data
        powers = [self.degree(arg, moves) for arg in node.args]
        taken = {_entrance(net, i): p for i, p in enumerate(powers) if p is not None}
        fixed = any(moves.get(key, power) != power for key, power in taken.items())
        stuck = any(taken.values()) and not (net.name in self.loose and _takes(net))
        unknown = len(taken) < len(powers)
        if unknown or fixed or stuck or not self._may_give(net, wanted, moves=moves):
            return
        pairs = list(zip(node.args, taken.values(), strict=True))
        moved: Moves = {**moves, **taken, (net.name, "out"): wanted}
        yield from self._each(pairs, moves=moved)

    def _may_give(self, net: Net, wanted: float, *, moves: Moves) -> bool:
        known = moves.get((net.name, "out"))
        if known is not None:
            return known == wanted
        return wanted == 0 or (net.name in self.loose and _gives(net))

    def settle(
        self, terms: Sequence[tuple[Node, Sequence[float]]], *, moves: Moves
    ) -> Iterator[Moves]:
        """List the ways for every term to have one of its degrees.

        A term that has one already is left alone: only what a move upsets is looked at.
        """
        touched = {key.partition("(")[0] for (key, _), power in moves.items() if power}
        near = [each for each in terms if each[0].names & touched]
        self.left -= len(terms)
        upset = next((t for t in near if self.degree(t[0], moves) not in t[1]), None)
        if upset is None or self.left < 0:
            yield from (moves,) if self.left >= 0 else ()
            return
        for power in upset[1]:
            for found in self.fits(upset[0], power, moves=moves):
                yield from self.settle(terms, moves=found) if found != moves else ()


def _takes(net: Net) -> bool:
    """Tell whether the first weights of a net can undo a factor of its input."""
    words = [layer.word for layer in net.layers if layer.word not in ("flatten", "reshape")]
    return bool(words) and words[0] in LINEAR_LAYERS


def _gives(net: Net) -> bool:
    """Tell whether the last weights of a net can give its output any factor above zero."""
    words = [layer.word for layer in net.layers if layer.word not in KEEPS_FACTORS]
    return bool(words) and words[-1] in LINEAR_LAYERS
