"""Find which entries of some variables meet in a value, and in which it is not affine."""

from __future__ import annotations

from functools import reduce
from itertools import accumulate
from math import prod
from typing import TYPE_CHECKING, cast, final

from ebmdsl._torch import torch
from ebmdsl.concepts.blocks import Couplings
from ebmdsl.concepts.facts import Block
from ebmdsl.concepts.shape import is_scalar
from ebmdsl.expr.node import Node, Op, walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from ebmdsl.check.model import Declared, Model
    from ebmdsl.concepts.facts import Facts

MOST_COLUMNS = 4096
MOST_WORK = 2**34


def couplings(model: Model, names: tuple[str, ...], *, value: Node) -> Couplings | None:
    """Return which entries meet in some piece that does not add up; None where too many do.

    What is returned holds for every value of the parameters: entries that are not listed as
    a pair never meet. The entries are numbered as they lie in the vector of all variables.
    """
    found = [each for each in map(model.find, names) if each is not None]
    columns = [prod(each.whole) for each in found]
    if sum(columns) > MOST_COLUMNS:
        return None
    starts = accumulate([0, *columns[:-1]])
    tracer = _Tracer(dict(zip(names, starts, strict=True)), sum(columns))
    if not tracer.trace(value):
        return None
    widths = [width for each in found for width in _widths(each)]
    return _of_entries(tracer.meets, widths)


def _widths(declared: Declared) -> list[int]:
    """Return how many columns each entry of a variable takes up."""
    width = declared.shape[-1] if declared.quantity.domain.name == "onehot" else 1
    return [width] * (prod(declared.whole) // width)


def _of_entries(meets: Tensor, widths: list[int]) -> Couplings:
    """Join the columns of each entry."""
    count = len(widths)
    entry = torch.arange(count).repeat_interleave(torch.tensor(widths))
    joined = torch.zeros(count, count)
    low, high = meets.nonzero().unbind(1)
    joined[entry[low], entry[high]] = 1
    pairs = cast("list[list[int]]", joined.triu(1).nonzero().tolist())
    curved = cast("list[int]", joined.diagonal().nonzero()[:, 0].tolist())
    return Couplings(count, tuple((a, b) for a, b in pairs), tuple(curved))


@final
class _Tracer:
    """Follows through an expression which columns every entry of a value depends on.

    A pattern is [*plates, *shape, columns]. `meets` are the pairs of columns that an
    operation has joined in a way that is not a sum.
    """

    def __init__(self, first: dict[str, int], columns: int) -> None:
        self.first, self.columns = first, columns
        self.meets = torch.zeros(columns, columns, dtype=torch.bool)
        self.done: dict[Node, Tensor] = {}
        self.work = 0

    def trace(self, value: Node) -> bool:
        """Follow a value; tell whether all of it could be read."""
        moving = frozenset(self.first)
        for node in (each for each in walk(value) if each.names & moving):
            way = _WAYS.get(node.op)
            if way is None or self.work > MOST_WORK:
                return False
            self.done[node] = way(self, node)
        return self.work <= MOST_WORK

    def of(self, arg: Node) -> Tensor | None:
        """Return the pattern of an argument; None where it does not move."""
        return self.done.get(arg)

    def moving(self, node: Node) -> list[Node]:
        """List the arguments that move."""
        return [arg for arg in node.args if arg in self.done]

    def placed(self, node: Node, arg: Node) -> Tensor:
        """Return the pattern of an argument with the axes of the result."""
        spread = is_scalar(arg.shape) and arg.shape != node.shape
        event = [1] * len(node.shape) if spread else [*arg.shape]
        return self.done[arg].reshape([*_plates(node, arg), *event, self.columns])

    def wide(self, node: Node, arg: Node) -> Tensor:
        """Return a pattern on all plates of a result, with the event that it has itself."""
        pattern = self.done[arg].reshape([*_plates(node, arg), *arg.shape, self.columns])
        plates = [plate.size for plate in node.plates]
        return pattern.expand([*plates, *arg.shape, self.columns])

    def join(self, left: Tensor, right: Tensor) -> None:
        """Note that entries of one value meet those of another, place by place."""
        wide = cast("list[Tensor]", torch.broadcast_tensors(left, right))
        both = [x.reshape(-1, self.columns) for x in wide]
        rows = cast("Tensor", torch.cat(both, 1).unique(dim=0))
        self.work += rows.shape[0] * self.columns**2
        if self.work > MOST_WORK:
            return
        a, b = rows.float().chunk(2, 1)
        pairs = (a.mT @ b) > 0
        self.meets |= pairs | pairs.mT

    def whole(self, node: Node, pattern: Tensor) -> Tensor:
        """Return a pattern of a result in which every entry depends on all of an event."""
        plates = [plate.size for plate in node.plates]
        event = pattern.reshape([*plates, -1, self.columns]).any(-2)
        wide = event.reshape([*plates, *[1] * len(node.shape), self.columns])
        return wide.expand([*plates, *node.shape, self.columns])


def _plates(node: Node, arg: Node) -> list[int]:
    """Return the sizes of a result's plates, 1 where an argument does not have them."""
    held = {plate.index for plate in arg.plates}
    return [plate.size if plate.index in held else 1 for plate in node.plates]


def _shape(node: Node) -> tuple[int, ...]:
    return (*(plate.size for plate in node.plates), *node.shape)


def _united(parts: list[Tensor]) -> Tensor:
    return reduce(torch.logical_or, parts)


def _variable(tracer: _Tracer, node: Node) -> Tensor:
    shape, first = _shape(node), tracer.first[node.data.name]
    rows = torch.eye(tracer.columns, dtype=torch.bool)[first : first + prod(shape)]
    return rows.reshape([*shape, tracer.columns])


def _either(tracer: _Tracer, node: Node) -> Tensor:
    """Return what a sum depends on: what any of its addends does."""
    parts = [tracer.placed(node, arg) for arg in tracer.moving(node)]
    return _united(parts).expand([*_shape(node), tracer.columns])


def _multiplied(tracer: _Tracer, node: Node) -> Tensor:
    parts = [tracer.placed(node, arg) for arg in tracer.moving(node)]
    for at, left in enumerate(parts):
        for right in parts[at + 1 :]:
            tracer.join(left, right)
    return _either(tracer, node)


def _bent(tracer: _Tracer, node: Node) -> Tensor:
    """Return what a value depends on whose entries bend, each by itself."""
    whole = _either(tracer, node)
    tracer.join(whole, whole)
    return whole


def _same(tracer: _Tracer, node: Node) -> Tensor:
    return tracer.done[node.args[0]]


def _matmul(tracer: _Tracer, node: Node) -> Tensor:
    left, right = (_factor(tracer, node, at=at) for at in (0, 1))
    if left is not None and right is not None:
        tracer.join(left.any(-3), right.any(-2))
    first, second = (arg.shape for arg in node.args)
    rows = first[0] if len(first) > 1 else 1
    columns = second[1] if len(second) > 1 else 1
    shape = [*(plate.size for plate in node.plates), rows, columns, tracer.columns]
    parts: list[Tensor] = []
    if left is not None:
        parts.append(left.any(-2).unsqueeze(-2).expand(shape))
    if right is not None:
        parts.append(right.any(-3).unsqueeze(-3).expand(shape))
    return _united(parts).reshape([*_shape(node), tracer.columns])


def _factor(tracer: _Tracer, node: Node, *, at: int) -> Tensor | None:
    """Return a factor as a matrix on the plates of the product, [*plates, rows, columns, d]."""
    arg = node.args[at]
    pattern = tracer.of(arg)
    if pattern is None:
        return None
    vector = [1, *arg.shape] if at == 0 else [*arg.shape, 1]
    shape = [*arg.shape] if len(arg.shape) > 1 else vector
    return pattern.reshape([*_plates(node, arg), *shape, tracer.columns])


def _turned(tracer: _Tracer, node: Node) -> Tensor:
    return tracer.done[node.args[0]].transpose(-2, -3)


def _indexed(tracer: _Tracer, node: Node) -> Tensor:
    base, *chooser = node.args
    if any(tracer.of(arg) is not None for arg in chooser):
        return _mixed(tracer, node)
    if chooser:
        return tracer.whole(node, tracer.wide(node, base))
    axis, at = len(base.plates) + node.data.axis, node.data
    pattern = tracer.done[base]
    if at.high is None:
        return pattern.select(axis, at.low)
    return pattern.narrow(axis, at.low, at.high - at.low + 1)


def _shifted(tracer: _Tracer, node: Node) -> Tensor:
    kind, position, offset = cast("tuple[str, int, int]", node.data)
    pattern = tracer.done[node.args[0]]
    if kind == "entry":
        return pattern.select(position, offset)
    return pattern.narrow(position, offset, node.plates[position].size)


def _stacked(tracer: _Tracer, node: Node) -> Tensor:
    inner = node.args[0]
    indices = [plate.index for plate in inner.plates]
    moved = [indices.index(index) for index in node.data]
    rest = [at for at, index in enumerate(indices) if index not in node.data]
    pattern = tracer.done[inner]
    return pattern.permute([*rest, *moved, *range(len(indices), pattern.dim())])


def _summed(tracer: _Tracer, node: Node) -> Tensor:
    inner, kept = node.args[0], {plate.index for plate in node.plates}
    axes = tuple(at for at, plate in enumerate(inner.plates) if plate.index not in kept)
    pattern = tracer.done[inner]
    return pattern.any(axes) if axes else pattern


def _reduced(tracer: _Tracer, node: Node) -> Tensor:
    word, index, *dimension = node.data
    inner = node.args[0]
    indices = [plate.index for plate in inner.plates]
    axis = len(indices) + dimension[0] if dimension else indices.index(index)
    pattern = tracer.done[inner].any(axis)
    if word not in ("sum", "mean"):
        tracer.join(pattern, pattern)
    return pattern


def _called(tracer: _Tracer, node: Node) -> Tensor:
    moving = [(at, arg) for at, arg in enumerate(node.args) if tracer.of(arg) is not None]
    facts = [cast("Facts", node.data.seen_by(at)) for at, _ in moving]
    parts = [tracer.wide(node, arg) for _, arg in moving]
    alike = len({part.shape for part in parts}) == 1
    if len(moving) == 1 and facts[0].affine:
        in_place = facts[0].block is Block.ELEMENTWISE and parts[0].shape[:-1] == _shape(node)
        return parts[0] if in_place else tracer.whole(node, parts[0])
    if node.data.word == "dot" and alike:
        tracer.join(parts[0], parts[1])
        return tracer.whole(node, _united(parts))
    if not alike or any(each.block > Block.SEPARABLE for each in facts):
        return _mixed(tracer, node)
    united = _united(parts)
    tracer.join(united, united)
    return united if united.shape[:-1] == _shape(node) else tracer.whole(node, united)


def _mixed(tracer: _Tracer, node: Node) -> Tensor:
    """Return what a value depends on in which everything meets, plate by plate."""
    united = _applied_freely(tracer, node)
    tracer.join(united, united)
    return united


def _applied_freely(tracer: _Tracer, node: Node) -> Tensor:
    """Return what a value depends on where every entry may depend on every other one."""
    parts = [tracer.whole(node, tracer.wide(node, arg)) for arg in tracer.moving(node)]
    return _united(parts)


def _applied(tracer: _Tracer, node: Node) -> Tensor:
    """Follow a net: where every layer is affine, nothing meets in it."""
    affine = all(facts.affine for facts in node.data.facts)
    return _applied_freely(tracer, node) if affine else _mixed(tracer, node)


def _listed(tracer: _Tracer, node: Node) -> Tensor:
    shape = (*(plate.size for plate in node.plates), *node.args[0].shape, tracer.columns)
    rows = [
        torch.zeros(shape, dtype=torch.bool)
        if tracer.of(arg) is None
        else tracer.wide(node, arg).expand(shape)
        for arg in node.args
    ]
    return torch.stack(rows, len(node.plates))


_WAYS: dict[Op, Callable[[_Tracer, Node], Tensor]] = {
    Op.VARIABLE: _variable,
    Op.ADD: _either,
    Op.MULTIPLY: _multiplied,
    Op.POWER: _bent,
    Op.MATMUL: _matmul,
    Op.TRANSPOSE: _turned,
    Op.CALL: _called,
    Op.APPLY: _applied,
    Op.INDEX: _indexed,
    Op.SHIFT: _shifted,
    Op.STACK: _stacked,
    Op.SUM_PLATE: _summed,
    Op.OVER_PLATE: _reduced,
    Op.COMPARE: _bent,
    Op.NLL: _mixed,
    Op.LIST: _listed,
    Op.STOP: _same,
}
