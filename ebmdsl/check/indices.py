"""Subscripts: places and ranges of plates and dimensions, and what a value selects."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, cast, final

from ebmdsl._record import record
from ebmdsl.check.arguments import whole
from ebmdsl.check.attempts import attempt, every
from ebmdsl.check.domains import declarations, domain_of
from ebmdsl.check.mistakes import WrongArguments
from ebmdsl.check.plates import first_place, offset_from, opened
from ebmdsl.check.value_mistakes import WrongDomain
from ebmdsl.concepts.base import find
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import show
from ebmdsl.expr.build import ShapeError, joined_plates
from ebmdsl.expr.calls import call, product
from ebmdsl.expr.node import Cut, Node, Op, Plate, make
from ebmdsl.expr.stacks import stacked, unstacked
from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write

if TYPE_CHECKING:
    from ebmdsl.check.here import Here
    from ebmdsl.concepts.shape import Shape


@final
@record
class _Range:
    low: int
    high: int


@final
@record
class _Place:
    at: int


@final
@record
class _Index:
    name: str
    offset: int


_Subscript = _Range | _Place | _Index | Node


def at(here: Here, expr: ast.At) -> Node:
    """Return `x[t-1]`, `x[3]`, `x[0..2]`, `W[i, j]` or `m[z]`."""
    base = attempt(lambda: here.node(expr.base))
    found = every(lambda each: _read(here, each), expr.subscripts)
    read = list(zip(expr.subscripts, found, strict=True))
    node, plates = opened(base())
    kept: list[Plate] = []
    for plate, (written, subscript) in zip(plates, read, strict=False):
        node, left = _of_plate(here, node, plate=plate, subscript=subscript, at=written)
        kept += left
    kept += plates[len(read) :]
    node = stacked(node, tuple(kept))
    axis = len(kept)
    for written, subscript in read[len(plates) :]:
        node, moved = _of_axis(here, node, axis=axis, subscript=subscript, at=written)
        axis += moved
    return node


def _read(here: Here, written: ast.Value) -> _Subscript:
    if isinstance(written, ast.Range):
        return _Range(whole(here.scope, written.low), whole(here.scope, written.high))
    for name in here.local.plates:
        offset = offset_from(here.scope, written, index=name)
        if offset is not None:
            return _Index(name, offset)
    node = here.node(written)
    if node.op is not Op.CONST or node.shape:
        return node
    if node.data != int(node.data):
        reason = f"a size or an index is a whole number, not {node.data:g}"
        raise here.reject(WrongArguments(written.span, reason))
    return _Place(int(node.data))


def _of_plate(
    here: Here, node: Node, *, plate: Plate, subscript: _Subscript, at: ast.Value
) -> tuple[Node, list[Plate]]:
    """Return what is left of a sequence, and the plate if it becomes a dimension again."""
    match subscript:
        case _Place():
            _inside(plate, subscript.at, high=subscript.at)
            return _entry(node, plate, at=subscript.at), []
        case _Range():
            _inside(plate, subscript.low, high=subscript.high)
            part = Plate(plate.index, subscript.low, subscript.high - subscript.low + 1)
            return _slice(node, plate, part=part, low=subscript.low), [part]
        case _Index():
            bound = here.local.plates[subscript.name]
            low = bound.low + subscript.offset
            _inside(plate, low, high=low + bound.size - 1)
            return _slice(node, plate, part=bound, low=low), []
        case _:
            reason = f"a place in `{plate.index}` is a number or an index, no value"
            raise here.reject(WrongArguments(at.span, reason))


def _inside(plate: Plate, low: int, *, high: int) -> None:
    first, last = plate.low, plate.low + plate.size - 1
    if low < first or high > last or high < low:
        reason = f"index {low if low < first else high} is outside of {first}..{last}"
        raise ShapeError(reason, "shorten the range of the index")


def _position(node: Node, plate: Plate) -> int:
    return [each.index for each in node.plates].index(plate.index)


def _entry(node: Node, plate: Plate, *, at: int) -> Node:
    position = _position(node, plate)
    plates = (*node.plates[:position], *node.plates[position + 1 :])
    data = ("entry", position, at - plate.low)
    return make(Op.SHIFT, (node,), data=data, shape=node.shape, plates=plates)


def _slice(node: Node, plate: Plate, *, part: Plate, low: int) -> Node:
    if part == plate and low == plate.low:
        return node
    position = _position(node, plate)
    plates = (*node.plates[:position], part, *node.plates[position + 1 :])
    data = ("slice", position, low - plate.low)
    return make(Op.SHIFT, (node,), data=data, shape=node.shape, plates=plates)


def _of_axis(
    here: Here, node: Node, *, axis: int, subscript: _Subscript, at: ast.Value
) -> tuple[Node, int]:
    """Return the entries of one dimension, and by how much the next one is further on."""
    if axis >= len(node.shape):
        held = "a scalar has no entries" if not node.shape else f"{show(node.shape)} ends there"
        raise ShapeError(held)
    match subscript:
        case _Place():
            _within(node, axis, low=subscript.at, high=subscript.at)
            return cut(node, Cut(axis, subscript.at)), 0
        case _Range():
            _within(node, axis, low=subscript.low, high=subscript.high)
            return cut(node, Cut(axis, subscript.low, subscript.high)), 1
        case _Index():
            return _along(here, node, axis=axis, index=subscript, at=at), 0
        case _:
            return _selected(here, node, chosen=subscript, axis=axis, at=at)


def cut(node: Node, at: Cut) -> Node:
    """Return entries of one dimension."""
    kept = () if at.high is None else (at.high - at.low + 1,)
    shape = (*node.shape[: at.axis], *kept, *node.shape[at.axis + 1 :])
    return make(Op.INDEX, (node,), data=at, shape=shape, plates=node.plates)


def _within(node: Node, axis: int, *, low: int, high: int) -> None:
    if 0 <= low <= high < node.shape[axis]:
        return
    where = f"{show(node.shape)}, which starts at 0"
    raise ShapeError(f"index {low if low < 0 else high} is outside of {where}")


def _along(here: Here, node: Node, *, axis: int, index: _Index, at: ast.Value) -> Node:
    """Return the entries that an index runs over: a dimension that becomes a plate."""
    if axis:
        reason = f"index `{index.name}` can run over the first dimension only"
        raise here.reject(WrongArguments(at.span, reason, "transpose the value before"))
    first = first_place(here.scope, index.name, size=node.shape[0])
    plate = Plate(f"{index.name}", first, node.shape[0])
    if any(each.index == index.name for each in node.plates):
        reason = f"index `{index.name}` stands here twice"
        raise here.reject(WrongArguments(at.span, reason))
    open_ = unstacked(node, (plate,))
    return _of_plate(here, open_, plate=plate, subscript=index, at=at)[0]


def _selected(
    here: Here, base: Node, *, chosen: Node, axis: int, at: ast.Value
) -> tuple[Node, int]:
    """Return `m[z]`: a token, or a one-hot row of this dimension, selects an entry."""
    domain = domain_of(chosen)
    match domain.name:
        case "token":
            return _by_token(base, chosen, axis=axis, alphabet=domain.size)
        case "onehot":
            return _by_row(base, chosen, axis=axis), len(chosen.shape) - 1
        case _:
            text = write(at)
            reason = f"`{text}` is {domain.name}, and only a token or a one-hot row selects"
            remedy = f"multiply by it, as `… @ {text}`, or declare it a token or one-hot"
            labels = declarations(here.scope, at) if not isinstance(at, ast.Range) else ()
            raise here.reject(WrongDomain(at.span, reason, remedy, labels))


def _by_token(base: Node, chosen: Node, *, axis: int, alphabet: int) -> tuple[Node, int]:
    if alphabet and alphabet != base.shape[axis]:
        raise ShapeError(
            f"a token of {alphabet} signs cannot select from {base.shape[axis]} entries"
        )
    shape = (*base.shape[:axis], *chosen.shape, *base.shape[axis + 1 :])
    plates = joined_plates((base, chosen))
    node = make(Op.INDEX, (base, chosen), data=Cut(axis), shape=shape, plates=plates)
    return node, len(chosen.shape)


def _by_row(base: Node, chosen: Node, *, axis: int) -> Node:
    if not chosen.shape or chosen.shape[-1] != base.shape[axis] or axis > 1:
        raise ShapeError(f"{show(chosen.shape)} cannot select from {show(base.shape)}")
    if axis:
        return product(base, chosen)
    if len(base.shape) <= _MATRIX:
        return product(chosen, base)
    rest = base.shape[1:]
    flat = product(chosen, reshaped(base, (base.shape[0], prod(rest))))
    return reshaped(flat, (*chosen.shape[:-1], *rest))


_MATRIX = 2


def reshaped(node: Node, shape: Shape) -> Node:
    """Return the same entries in the same order, in another shape."""
    if node.shape == shape:
        return node
    made: Function = cast("Any", find(Function, "reshape"))(sizes=shape)
    return call(made, node)
