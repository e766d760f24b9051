"""Terms as polynomials in the absolute values of latents, and quadratics that are round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.expr.build import addends, coefficient
from ebmdsl.expr.calls import call, word
from ebmdsl.expr.node import Node, Op, walk
from ebmdsl.expr.prove import prove
from ebmdsl.expr.rebuild import rebuilt

if TYPE_CHECKING:
    from collections.abc import Iterable

QUADRATIC = 2


def in_magnitudes(node: Node, moving: frozenset[str]) -> Node | None:
    """Return q with node = q(|z|), a polynomial of degree two at most; None if it is none.

    Along one entry such a term is a parabola in its absolute value: where the rest of the
    energy is quadratic, the minimum along the entry is a soft threshold.
    """
    done: dict[Node, Node | None] = {}
    for each in walk(node):
        if _is_magnitude(each, moving):
            inside = each.args[0]
            done[each] = inside if each.data.word == "abs" else call(word("sum"), inside)
            continue
        args = tuple(done[arg] for arg in each.args)
        known = tuple(arg for arg in args if arg is not None)
        bare = each.op is Op.VARIABLE and each.data.name in moving
        done[each] = None if bare or len(known) < len(args) else rebuilt(each, known)
    found = done[node]
    degree = None if found is None else prove(found, moving).degree
    return found if degree is not None and degree <= QUADRATIC else None


def _is_magnitude(node: Node, moving: frozenset[str]) -> bool:
    if node.op is not Op.CALL or node.data.word not in ("abs", "l1"):
        return False
    inside = node.args[0]
    return inside.op is Op.VARIABLE and inside.data.name in moving


def all_in_magnitudes(terms: Iterable[Node], moving: frozenset[str]) -> tuple[Node, ...] | None:
    """Return all terms as polynomials in absolute values; None if one of them is none."""
    found = [in_magnitudes(each, moving) for each in terms]
    kept = tuple(each for each in found if each is not None)
    return kept if len(kept) == len(found) else None


def round_quadratic(node: Node, moving: frozenset[str]) -> bool:
    """Tell whether a quadratic bends alike in all directions: its matrix is c times one."""
    return all(_is_round(each, moving) for each in addends(node) if each.names & moving)


def _is_round(addend: Node, moving: frozenset[str]) -> bool:
    if prove(addend, moving).affine:
        return True
    core = _core(addend.args[0] if addend.op is Op.SUM_PLATE else addend, moving)
    if core is None or core.op is not Op.CALL or core.data.word != "sq":
        return False
    inside = core.args[0]
    if addend.op is Op.SUM_PLATE and inside.plates != addend.args[0].plates:
        return False
    moved = [each for each in addends(inside) if each.names & moving]
    return len(moved) == 1 and moved[0].shape == inside.shape and _is_scaled(moved[0], moving)


def _core(addend: Node, moving: frozenset[str]) -> Node | None:
    """Return the one factor that moves, where all others are the same for every entry."""
    if addend.op is not Op.MULTIPLY:
        return addend
    rest = [arg for arg in addend.args if arg.names & moving]
    fixed = [arg for arg in addend.args if not arg.names & moving]
    return rest[0] if len(rest) == 1 and not any(arg.plates for arg in fixed) else None


def _is_scaled(node: Node, moving: frozenset[str]) -> bool:
    """Tell whether a node is a variable times numbers."""
    base = coefficient(node)[1]
    if base.op is Op.VARIABLE:
        return base.data.name in moving
    if base.op is not Op.MULTIPLY:
        return False
    rest = [arg for arg in base.args if arg.names & moving]
    fixed = [arg for arg in base.args if not arg.names & moving]
    numbers = all(not arg.shape and not arg.plates for arg in fixed)
    return numbers and len(rest) == 1 and rest[0].op is Op.VARIABLE
