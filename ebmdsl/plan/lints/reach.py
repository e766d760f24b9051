"""What a value can be made to be, by a code or by what training moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.concepts.abilities import Conjugate, Homogeneous
from ebmdsl.concepts.facts import Block
from ebmdsl.concepts.shape import size
from ebmdsl.expr.build import addends, coefficient
from ebmdsl.expr.node import Node, Op
from ebmdsl.plan.lints.subject import core

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Net
    from ebmdsl.concepts.kinds import Function

BENDS = frozenset({"relu", "lrelu", "tanh", "sigmoid", "silu", "softplus", "gelu"})
MOVES = frozenset({"flatten", "reshape"})
LINEAR = frozenset({"linear", "conv", "conv1d", "gain", "bn"})
ENDS = ("linear", "conv", "conv1d", "gain")


def distance(node: Node) -> Node | None:
    """Return what must be zero for a term to be zero, where there is such a value.

    It is the argument of a norm; of a likelihood of bits or tokens, the logits.
    """
    base = core(node)
    if base.op is Op.SUM_PLATE:
        return distance(base.args[0])
    if base.op is not Op.CALL:
        return None
    function: Function = base.data
    apart = function.facts[0].block is Block.SEPARABLE or isinstance(function, Conjugate)
    norm = isinstance(function, Homogeneous) and function.order > 0 and apart
    return base.args[0] if norm or function.word in ("bce", "xent") else None


def covers(node: Node, name: str) -> bool:
    """Tell whether a latent can give a value whatever is asked for, for most parameters."""
    match node.op:
        case Op.VARIABLE:
            return node.data.name == name
        case Op.ADD:
            moving = [arg for arg in node.args if name in arg.names]
            return len(moving) == 1 and covers(moving[0], name) and _whole(moving[0], node)
        case Op.MULTIPLY:
            factor, base = coefficient(node)
            return factor != 0 and base is not node and covers(base, name)
        case Op.MATMUL:
            left, right = node.args
            return _is_wide(left) and name not in left.names and covers(right, name)
        case Op.TRANSPOSE:
            return covers(node.args[0], name)
        case Op.CALL:
            return node.data.word == "reshape" and covers(node.args[0], name)
        case Op.APPLY:
            moving = [arg for arg in node.args if name in arg.names]
            alone = len(moving) == 1 and covers(moving[0], name)
            wide = size(moving[0].shape) >= size(node.shape) if alone else False
            return wide and ends_open(node.data) and is_open(node.data, least=size(node.shape))
        case _:
            return False


def _whole(part: Node, node: Node) -> bool:
    return part.shape == node.shape and part.plates == node.plates


def _is_wide(matrix: Node) -> bool:
    """Tell whether a parameter has at least as many columns as rows, and no fixed zeros."""
    inner = matrix.args[0] if matrix.op is Op.TRANSPOSE else matrix
    if inner.op is not Op.VARIABLE or inner.data.role != "param":
        return False
    rows, columns = matrix.shape[0], matrix.shape[-1]
    return len(matrix.shape) == _MATRIX and rows <= columns and inner.data.domain.name == "real"


_MATRIX = 2


def is_open(net: Net, *, least: int) -> bool:
    """Tell whether a net can be one-to-one on `least` numbers: no layer is narrower."""
    known = all(layer.word in BENDS | MOVES | LINEAR for layer in net.layers)
    return known and min(_widths(net), default=0) >= least


def ends_open(net: Net) -> bool:
    """Tell whether the output of a net has no bounds: its last layer is linear."""
    words = [layer.word for layer in net.layers if layer.word not in MOVES]
    return bool(words) and words[-1] in ENDS


def _widths(net: Net) -> Iterator[int]:
    shape = net.input
    for layer in net.layers:
        after = layer.shape(shape)
        if not isinstance(after, tuple):
            return
        shape = after
        yield size(shape)


def copies(node: Node, name: str, *, least: int, free: frozenset[str]) -> bool:
    """Tell whether parameters can make a value hold all that a variable says."""
    match node.op:
        case Op.VARIABLE:
            return node.data.name == name
        case Op.ADD:
            moving = [arg for arg in node.args if name in arg.names]
            still = [arg for arg in node.args if name not in arg.names]
            alone = len(moving) == 1 and all(arg.names <= free for arg in still)
            return alone and copies(moving[0], name, least=least, free=free)
        case Op.MULTIPLY:
            factor, base = coefficient(node)
            known = factor != 0 and base is not node
            return known and copies(base, name, least=least, free=free)
        case Op.MATMUL:
            left, right = node.args
            wide = _can_be_one(left, free) and min(left.shape) >= least
            return wide and copies(right, name, least=least, free=free)
        case Op.CALL:
            bent = node.data.word in BENDS | MOVES
            return bent and copies(node.args[0], name, least=least, free=free)
        case Op.APPLY:
            known = len(node.args) == 1 and node.data.name in free
            wide = known and is_open(node.data, least=least)
            return wide and copies(node.args[0], name, least=least, free=free)
        case _:
            return False


def _can_be_one(matrix: Node, free: frozenset[str]) -> bool:
    """Tell whether a matrix may be the identity, next to zeros."""
    inner = matrix.args[0] if matrix.op is Op.TRANSPOSE else matrix
    known = inner.op is Op.VARIABLE and inner.data.name in free
    return known and len(matrix.shape) == _MATRIX


def parts(node: Node, name: str) -> tuple[list[Node], list[Node]]:
    """Split the addends of a value into those that depend on a variable and the rest."""
    moving = [part for part in addends(node) if name in part.names]
    return moving, [part for part in addends(node) if name not in part.names]
