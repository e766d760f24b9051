"""The node of an expression: immutable, and equal nodes are the same object."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from hashlib import blake2b
from math import inf
from typing import TYPE_CHECKING, Any, final
from weakref import WeakValueDictionary

from ebmdsl._record import record
from ebmdsl.concepts.domain import REAL, Domain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.concepts.shape import Shape


class Op(Enum):
    """The closed set of operations; functions of the catalogue are `CALL`."""

    CONST = "const"
    VARIABLE = "variable"
    ADD = "add"
    MULTIPLY = "multiply"
    POWER = "power"
    MATMUL = "matmul"
    TRANSPOSE = "transpose"
    CALL = "call"
    APPLY = "apply"
    INDEX = "index"
    SHIFT = "shift"
    STACK = "stack"
    SUM_PLATE = "sum_plate"
    OVER_PLATE = "over_plate"
    COMPARE = "compare"
    STOP = "stop"
    GRADIENT = "gradient"
    SPLIT = "split"
    POINT = "point"
    DRAW = "draw"
    NLL = "nll"
    LIST = "list"
    BATCH = "batch"
    FREE = "free"


@final
@record
class Plate:
    """A plate axis: its index, the first value of the index and how many there are."""

    index: str
    low: int
    size: int


@final
@record
class Quantity:
    """What a variable node stands for: its name, its role, its domain.

    `bounds` holds its entries, where its data or a constraint is tighter than its domain; a
    `keyed` state has a value for every sample, as a bank does.
    """

    name: str
    role: str
    domain: Domain = REAL
    bounds: tuple[float, float] = (-inf, inf)
    keyed: bool = False

    @property
    def low(self) -> float:
        """The least value an entry can have."""
        return max(self.domain.low, self.bounds[0])

    @property
    def high(self) -> float:
        """The greatest value an entry can have."""
        return min(self.domain.high, self.bounds[1])

    @property
    def per_sample(self) -> bool:
        """Whether it has a value for each sample, and not one for all."""
        fixed = ("param", "hyper", "state", "schedule", "constant")
        return self.keyed or self.role not in fixed


@final
@record
class Derivative:
    """A derivative: its word, the variable it is taken by, whether each sample has its own."""

    word: str
    names: frozenset[str]
    per_sample: bool = field(default=True, repr=False)


@final
@record
class Cut:
    """Entries of one axis: one place, or all from `low` to `high`, both counted from 0.

    Where a value chooses the place, `low` is 0 and there is no `high`.
    """

    axis: int
    low: int = 0
    high: int | None = None


@final
@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Node:
    """One operation on other nodes; `shape` is per sample and leaves the plates out.

    `data` is what the operation carries: a number, a `Quantity`, a catalogue function, the
    net. `names` are the variables it depends on. Nodes are interned: build them
    with the functions of `ebmdsl.expr.build`, compare them with `is`.
    """

    op: Op
    args: tuple[Node, ...]
    data: Any
    shape: Shape
    plates: tuple[Plate, ...]
    names: frozenset[str]
    per_sample: bool
    key: str = field(repr=False)


_interned: WeakValueDictionary[tuple[Any, ...], Node] = WeakValueDictionary()
_LONG = 160


def make(
    op: Op,
    args: tuple[Node, ...],
    *,
    data: Any = None,
    shape: Shape = (),
    plates: tuple[Plate, ...] = (),
) -> Node:
    """Return the one node with this operation, these arguments and this data."""
    identity = (op, data, shape, plates, *map(id, args))
    found = _interned.get(identity)
    if found is None:
        found = _new(op, args, data=data, shape=shape, plates=plates)
        _interned[identity] = found
    return found


def _new(
    op: Op, args: tuple[Node, ...], *, data: Any, shape: Shape, plates: tuple[Plate, ...]
) -> Node:
    per_sample = op not in (Op.SPLIT, Op.BATCH) and any(arg.per_sample for arg in args)
    if isinstance(data, Quantity):
        per_sample = data.per_sample
    names = _names(op, args, data=data)
    key = _key(op, args, data=data)
    return Node(op, args, data, shape, plates, names=names, per_sample=per_sample, key=key)


def _names(op: Op, args: tuple[Node, ...], *, data: Any) -> frozenset[str]:
    """Name what a value depends on: at another point, what was replaced is gone."""
    if isinstance(data, Quantity):
        return frozenset({data.name})
    if op is Op.POINT:
        inner, *values = args
        return (inner.names - {*data}).union(*(value.names for value in values))
    names = frozenset[str]().union(*(arg.names for arg in args))
    if op in (Op.APPLY, Op.GRADIENT, Op.FREE):
        names |= data.names
    return names


def _key(op: Op, args: tuple[Node, ...], *, data: Any) -> str:
    inside = ",".join(arg.key for arg in args)
    carried = data.name if isinstance(data, Quantity) else "" if data is None else repr(data)
    text = f"{op.value}[{carried}]({inside})"
    return text if len(text) <= _LONG else blake2b(text.encode(), digest_size=16).hexdigest()


def walk(node: Node) -> Iterator[Node]:
    """Yield every node below and including this one once, arguments first."""
    seen: set[Node] = set()
    pending: list[tuple[Node, bool]] = [(node, False)]
    while pending:
        current, ready = pending.pop()
        if ready:
            yield current
        elif current not in seen:
            seen.add(current)
            pending.append((current, True))
            pending.extend((arg, False) for arg in reversed(current.args))


def quantities(node: Node) -> tuple[Quantity, ...]:
    """List the variables that a node depends on, in the order of first use."""
    return tuple(each.data for each in walk(node) if each.op is Op.VARIABLE)


def is_free_energy(node: Node) -> bool:
    """Tell whether a node is F itself, at the sample."""
    return node.op is Op.VARIABLE and node.data.name == "F"
