"""Energies that say nothing once what training moves is zero."""

from __future__ import annotations

from math import inf, isclose, isfinite, prod
from typing import TYPE_CHECKING

from ebmdsl.concepts.abilities import Homogeneous
from ebmdsl.concepts.shape import size
from ebmdsl.expr.node import Node, Op, walk
from ebmdsl.expr.prove import prove
from ebmdsl.plan.lints.subject import free

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ebmdsl.check.model import Net
    from ebmdsl.concepts.kinds import Function
    from ebmdsl.plan.lints.subject import Subject

KEEPS_ZERO = frozenset({"abs", "relu", "lrelu", "tanh", "silu", "sqrt", "max", "min"})
MOVES = frozenset({"flatten", "reshape", "gain", "pad", "unpool"})
ENDS = frozenset({"linear", "conv", "conv1d", "upconv"})
INSIDE = (Op.STACK, Op.SHIFT, Op.INDEX, Op.TRANSPOSE, Op.STOP)


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
    """Tell whether a term is a number, and can be no lower, where parameters are zero."""
    least = prove(term, term.names).low
    values: dict[Node, float] = {}
    for node in walk(term):
        value = _value(node, values, loose=loose)
        if value is not None:
            values[node] = value
    return isclose(values.get(term, inf), least, rel_tol=_ROUNDING) and isfinite(least)


_ROUNDING = 1e-9


def _value(node: Node, values: Mapping[Node, float], *, loose: frozenset[str]) -> float | None:
    """Return the number that every entry of a node is, if it is one."""
    args = [values.get(arg) for arg in node.args]
    known = [each for each in args if each is not None]
    match node.op:
        case Op.CONST:
            return float(node.data)
        case Op.VARIABLE:
            return 0.0 if node.data.name in loose else None
        case Op.MULTIPLY | Op.MATMUL if 0.0 in known:
            return 0.0
        case Op.MULTIPLY | Op.ADD if len(known) == len(args):
            return sum(known) if node.op is Op.ADD else prod(known)
        case Op.POWER if known and known[0] >= 0 and node.data > 0:
            return known[0] ** float(node.data)
        case Op.CALL:
            return _of_call(node, known)
        case Op.APPLY:
            silent = node.data.names <= loose and _ends_in_weights(node.data)
            return 0.0 if silent else None
        case Op.SUM_PLATE if known:
            return known[0] * prod(plate.size for plate in node.args[0].plates)
        case _:
            return known[0] if node.op in INSIDE and known else None


def _of_call(node: Node, known: list[float]) -> float | None:
    function: Function = node.data
    if function.bilinear:
        return 0.0 if 0.0 in known else None
    norm = isinstance(function, Homogeneous) and function.order > 0
    linear = all(facts.degree == 1 for facts in function.facts)
    if len(known) < len(node.args):
        return None
    if function.word == "sum":
        return known[0] * size(node.args[0].shape)
    zero = norm or linear or function.word in KEEPS_ZERO
    return 0.0 if zero and not any(known) else None


def _ends_in_weights(net: Net) -> bool:
    """Tell whether the last weights of a net can make its output zero."""
    words = [layer.word for layer in net.layers if layer.word not in KEEPS_ZERO | MOVES]
    return bool(words) and words[-1] in ENDS
