"""Read an energy of discrete latents as a sum of functions of a few entries each."""

from __future__ import annotations

from itertools import chain, combinations, product
from math import prod
from typing import TYPE_CHECKING, Literal, cast, final

from ebmdsl._record import record
from ebmdsl.concepts.facts import Block
from ebmdsl.expr.build import addends, multiply, variable
from ebmdsl.expr.node import Node, Op, Plate, Quantity, walk
from ebmdsl.expr.prove import prove
from ebmdsl.expr.rebuild import rebuilt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ebmdsl.check.model import Declared, Model
    from ebmdsl.expr.node import Cut

Kind = Literal["clique", "units", "pairs"]
Axis = tuple[str, range]
Rows = list[tuple[int, ...]]
CHANGES = "change@"
FEW = 2
_SETTLED = "."
_OPAQUE = (Op.POINT, Op.GRADIENT, Op.BATCH, Op.SPLIT, Op.DRAW, Op.FREE)
_OPENED = (Op.STACK, Op.SUM_PLATE, Op.OVER_PLATE)


@final
@record
class Read:
    """Where a term reads entries of a latent: the variable `name` runs over their states.

    `shape` are its axes, plates first; `low` and `high` its entries' place in a scope.
    """

    name: str
    latent: str
    shape: tuple[int, ...]
    low: int
    high: int


@final
@record
class Template:
    """A term of an energy, the same function at every place of its plates.

    `node` is its value with the reads as variables that run over states, on axes of their
    own. A `clique` has an axis for every read. A sum of functions of one entry (`units`) or
    of two (`pairs`) has one axis that runs over changes of so few entries. Place number p
    is about the entries `scopes[which[p]]`, which have `counts` values; those that meet in
    `pairs` are listed in `meeting` by their positions. A `weight` is exp(-term) itself.
    """

    kind: Kind
    node: Node
    plates: tuple[Plate, ...]
    reads: tuple[Read, ...]
    counts: tuple[int, ...]
    scopes: tuple[tuple[int, ...], ...]
    which: tuple[int, ...]
    meeting: tuple[tuple[int, int], ...] = ()
    weight: bool = False

    def axis(self, read: Read) -> str:
        """Name the axis along which a read runs over its states."""
        return read.name if self.kind == "clique" else CHANGES

    @property
    def cliques(self) -> Iterator[tuple[int, ...]]:
        """Yield the entries that meet."""
        for scope in self.scopes:
            if self.kind == "clique":
                yield scope
            yield from ((site,) for site in scope)
            yield from ((scope[a], scope[b]) for a, b in self.meeting)

    @property
    def evaluations(self) -> int:
        """Return how often the term is evaluated at each place."""
        if self.kind == "clique":
            return prod(self.counts)
        return _changes(self.counts, self.meeting)


def counts(model: Model, names: tuple[str, ...]) -> tuple[int, ...] | None:
    """Return how many values every entry has; None where a latent is not just discrete."""
    found: list[int] = []
    for declared in (model.find(name) for name in names):
        if declared is None or declared.constraints or not declared.quantity.domain.discrete:
            return None
        found += [_values(declared)] * prod(_axes(declared))
    return tuple(found)


def templates(
    model: Model, names: tuple[str, ...], *, energy: Node
) -> tuple[Template, ...] | None:
    """Split an energy into terms of few entries; None where it cannot be read so."""
    moving, reader = frozenset(names), _Reader(model, names)
    pieces = tuple(_pieces(energy, (), moving=moving))
    moved = [each for piece, _ in pieces for each in walk(piece) if each.names & moving]
    if any(each.op in _OPAQUE for each in moved):
        return None
    return tuple(reader.template(piece, plates) for piece, plates in pieces)


def _values(declared: Declared) -> int:
    domain = declared.quantity.domain
    match domain.name:
        case "onehot":
            return declared.shape[-1]
        case "token":
            return domain.size
        case _:
            return 2


def _axes(declared: Declared) -> tuple[int, ...]:
    """Return the axes of the entries: for a one-hot vector all but its own."""
    return declared.whole[:-1] if declared.quantity.domain.name == "onehot" else declared.whole


def _pieces(
    node: Node, plates: tuple[Plate, ...], *, moving: frozenset[str]
) -> Iterator[tuple[Node, tuple[Plate, ...]]]:
    """Yield what is added up, with all plates over which it is."""
    for addend in addends(node):
        factors = addend.args if addend.op is Op.MULTIPLY else (addend,)
        moved = [factor for factor in factors if factor.names & moving]
        if len(moved) == 1 and moved[0].op is Op.SUM_PLATE:
            inside = moved[0].args[0]
            rest = [factor for factor in factors if factor is not moved[0]]
            wide = tuple(dict.fromkeys((*plates, *inside.plates)))
            yield from _pieces(multiply(*rest, inside), wide, moving=moving)
        else:
            yield addend, plates


@final
class _Reader:
    """Turns terms into templates; the entries of all latents are numbered one by one."""

    def __init__(self, model: Model, names: tuple[str, ...]) -> None:
        self.moving, self.axes = frozenset(names), dict[str, tuple[int, ...]]()
        self.first, self.values = dict[str, int](), dict[str, int]()
        first = 0
        for declared in (model.find(name) for name in names):
            assert declared is not None
            self.first[declared.name], self.values[declared.name] = first, _values(declared)
            self.axes[declared.name] = _axes(declared)
            first += prod(_axes(declared))

    def template(self, piece: Node, plates: tuple[Plate, ...]) -> Template:
        """Return a term with the entries at every place."""
        reads = self._reads(piece)
        columns = [self._columns(each, plates, piece=piece) for each in reads]
        rows: Rows = [tuple(chain.from_iterable(row)) for row in zip(*columns, strict=True)]
        rows = rows or [()] * prod(plate.size for plate in plates)
        scopes = tuple(dict.fromkeys(rows))
        place = {scope: at for at, scope in enumerate(scopes)}
        sizes = [len(each[0]) for each in columns]
        counted = [self.values[_latent(each).data.name] for each in reads]
        held = tuple(k for k, size in zip(counted, sizes, strict=True) for _ in range(size))
        kind = self._kind(piece, reads, count=len(held))
        meeting = self._meeting(piece, sizes) if kind == "pairs" else ()
        axes = [k**size for k, size in zip(counted, sizes, strict=True)]
        if kind != "clique":
            axes = [_changes(held, meeting)] * len(reads)
        made = self._running(reads, axes, sizes=sizes, shared=kind != "clique")
        node = _replaced(piece, {r: node for r, (node, _) in zip(reads, made, strict=True)})
        node, weight = _weight(node) if kind == "clique" else (node, False)
        return Template(
            kind,
            node,
            plates,
            tuple(read for _, read in made),
            held,
            scopes,
            tuple(place[row] for row in rows),
            meeting,
            weight,
        )

    def _reads(self, piece: Node) -> tuple[Node, ...]:
        """List where a term reads latents: places of them, or whole sequences."""
        moved = [each for each in walk(piece) if each.names & self.moving]
        if any(each.op in _OPENED for each in moved):
            return tuple(each for each in moved if each.op is Op.VARIABLE)
        inner = [arg for each in moved if not self._is_read(each) for arg in each.args]
        found = [*inner, piece] if self._is_read(piece) else inner
        return tuple(dict.fromkeys(each for each in found if self._is_read(each)))

    def _is_read(self, node: Node) -> bool:
        """Tell whether a node is a latent, a place of its plates or some of its entries."""
        while node.op in (Op.SHIFT, Op.INDEX) and len(node.args) == 1:
            if node.op is Op.INDEX and node.data.axis >= _apart(node.args[0]):
                return False
            node = node.args[0]
        return node.op is Op.VARIABLE and node.data.name in self.moving

    def _columns(self, read: Node, plates: tuple[Plate, ...], *, piece: Node) -> Rows:
        """Return the entries that a read is about at every place."""
        axes = self._slices(read)
        moved = [each for each in walk(piece) if each.names & self.moving]
        if any(each.op in _OPENED for each in moved):
            axes = [("", places) for _, places in axes]
        latent = _latent(read).data.name
        sizes, first = self.axes[latent], self.first[latent]
        names = [plate.index for plate in plates]
        rows: Rows = []
        for at in product(*(range(plate.size) for plate in plates)):
            here = dict(zip(names, at, strict=True))
            held = [(p[here[name]],) if name in here else p for name, p in axes]
            rows.append(tuple(first + _flat(each, sizes) for each in product(*held)))
        return rows

    def _slices(self, read: Node) -> list[Axis]:
        """Return what is read along each axis: places of a plate by its index, or entries."""
        if read.op is Op.VARIABLE:
            names = [*(plate.index for plate in read.plates)]
            sizes = self.axes[read.data.name]
            names += [""] * (len(sizes) - len(names))
            return [(name, range(size)) for name, size in zip(names, sizes, strict=True)]
        below = self._slices(read.args[0])
        if read.op is Op.INDEX:
            cut: Cut = read.data
            own = [at for at, (name, _) in enumerate(below) if not name]
            at, low, settled = own[cut.axis], cut.low, cut.high is None
            name, high = "", cut.low if cut.high is None else cut.high
        else:
            kind, position, low = cast("tuple[str, int, int]", read.data)
            own = [at for at, (name, _) in enumerate(below) if name not in ("", _SETTLED)]
            at, settled = own[position], kind == "entry"
            name = "" if settled else read.plates[position].index
            high = low if settled else low + read.plates[position].size - 1
        places = below[at][1][low : high + 1]
        return [*below[:at], (_SETTLED if settled else name, places), *below[at + 1 :]]

    def _kind(self, piece: Node, reads: tuple[Node, ...], *, count: int) -> Kind:
        """Tell of how few entries a term is a sum of functions."""
        if count <= max(1, len(reads)) <= FEW:
            return "clique"
        facts = prove(piece, self.moving)
        if facts.affine or (len(reads) == 1 and facts.block <= Block.SEPARABLE):
            return "units"
        return "pairs" if facts.degree is not None and facts.degree <= FEW else "clique"

    def _meeting(self, piece: Node, sizes: list[int]) -> tuple[tuple[int, int], ...]:
        """List the positions that meet in a term of degree two."""
        total = sum(sizes)
        if prove(piece, self.moving).block > Block.SEPARABLE or len({*sizes}) > 1:
            return tuple(combinations(range(total), 2))
        size = sizes[0]
        return tuple((a, b) for a, b in combinations(range(total), 2) if a % size == b % size)

    def _running(
        self, reads: tuple[Node, ...], axes: list[int], *, sizes: list[int], shared: bool
    ) -> list[tuple[Node, Read]]:
        """Make a variable that runs over the states of its entries for every read."""
        found: list[tuple[Node, Read]] = []
        low = 0
        for at, (read, axis, size) in enumerate(zip(reads, axes, sizes, strict=True)):
            latent = _latent(read).data
            whole = bool(read.plates) and size > prod(read.shape[: _apart(read)])
            name, plates = f"{latent.name}@{at}", read.plates if whole else ()
            over = Plate(CHANGES if shared else name, 0, axis)
            quantity = Quantity(name, "constant", latent.domain, latent.bounds)
            node = variable(quantity, read.shape, plates=(over, *plates))
            shape = (*(plate.size for plate in plates), *read.shape)
            found.append((node, Read(name, latent.name, shape, low, low + size)))
            low += size
        return found


def _apart(read: Node) -> int:
    """Return how many of a read's own axes tell entries apart."""
    return len(read.shape) - (_latent(read).data.domain.name == "onehot")


def _flat(at: tuple[int, ...], sizes: tuple[int, ...]) -> int:
    """Return the number of an entry, row by row."""
    number = 0
    for place, size in zip(at, sizes, strict=True):
        number = number * size + place
    return number


def _latent(read: Node) -> Node:
    while read.op in (Op.SHIFT, Op.INDEX):
        read = read.args[0]
    return read


def _changes(held: tuple[int, ...], meeting: tuple[tuple[int, int], ...]) -> int:
    """Count the states in which at most so few entries differ from the first."""
    both = sum((held[a] - 1) * (held[b] - 1) for a, b in meeting)
    return 1 + sum(k - 1 for k in held) + both


def _replaced(node: Node, values: Mapping[Node, Node]) -> Node:
    """Return the node with other nodes in place of some below it."""
    done: dict[Node, Node] = {}
    for each in walk(node):
        made = values.get(each)
        done[each] = made or rebuilt(each, tuple(done[arg] for arg in each.args))
    return done[node]


def _weight(node: Node) -> tuple[Node, bool]:
    """Return what a term is minus the logarithm of, if so."""
    minus = node.op is Op.MULTIPLY and len(node.args) == FEW and node.args[0].data == -1
    inner = node.args[1] if minus else node
    if minus and inner.op is Op.CALL and inner.data.word == "log" and not inner.shape:
        return inner.args[0], True
    return node, False
