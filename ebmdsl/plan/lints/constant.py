"""Energies that say nothing once what training moves is zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.concepts.abilities import Homogeneous
from ebmdsl.expr.node import Node, Op, walk
from ebmdsl.expr.prove import prove
from ebmdsl.plan.lints.subject import free

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ebmdsl.check.model import Net
    from ebmdsl.concepts.kinds import Function
    from ebmdsl.plan.lints.subject import Subject

KEEPS_ZERO = frozenset({"abs", "relu", "lrelu", "tanh", "silu", "sqrt", "max", "min"})
MOVES = frozenset({"flatten", "reshape", "gain", "pad", "unpool"})
ENDS = frozenset({"linear", "conv", "conv1d", "upconv"})
INSIDE = (Op.SUM_PLATE, Op.OVER_PLATE, Op.STACK, Op.SHIFT, Op.INDEX, Op.TRANSPOSE, Op.STOP)


def flattened(subject: Subject, pushed: Sequence[Node]) -> Node | None:
    """Return a term that depends on what is observed only as long as parameters are not zero.

    None unless all terms are then as low as they can be, whatever is observed: training may
    end there.
    """
    loose = free(subject, shrinking=True)
    seen = [each for each in pushed if each.names & subject.observed]
    if not seen or not loose or subject.latents:
        return None
    return seen[0] if all(vanishes(each, loose) for each in pushed) else None


def vanishes(term: Node, loose: frozenset[str]) -> bool:
    """Tell whether a term is zero, and can be no lower, where these parameters are zero."""
    if prove(term, term.names).low != 0:
        return False
    zero: set[Node] = set()
    for node in walk(term):
        if _is_zero(node, zero, loose=loose):
            zero.add(node)
    return term in zero


def _is_zero(node: Node, zero: set[Node], *, loose: frozenset[str]) -> bool:
    match node.op:
        case Op.CONST:
            return node.data == 0
        case Op.VARIABLE:
            return node.data.name in loose
        case Op.ADD:
            return all(arg in zero for arg in node.args)
        case Op.MULTIPLY | Op.MATMUL:
            return any(arg in zero for arg in node.args)
        case Op.POWER:
            return node.data > 0 and node.args[0] in zero
        case Op.CALL:
            return _keeps_zero(node, zero)
        case Op.APPLY:
            return node.data.name in loose and _ends_in_weights(node.data)
        case _:
            return node.op in INSIDE and node.args[0] in zero


def _keeps_zero(node: Node, zero: set[Node]) -> bool:
    function: Function = node.data
    if function.bilinear:
        return any(arg in zero for arg in node.args)
    norm = isinstance(function, Homogeneous) and function.order > 0
    linear = all(facts.degree == 1 for facts in function.facts)
    known = norm or linear or function.word in KEEPS_ZERO
    return known and all(arg in zero for arg in node.args)


def _ends_in_weights(net: Net) -> bool:
    """Tell whether the last weights of a net can make its output zero."""
    words = [layer.word for layer in net.layers if layer.word not in KEEPS_ZERO | MOVES]
    return bool(words) and words[-1] in ENDS
