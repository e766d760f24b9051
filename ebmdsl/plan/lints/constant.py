"""Energies that say nothing once what training moves is zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.concepts.facts import Facts
from ebmdsl.expr.build import const
from ebmdsl.expr.node import Node, Op, walk
from ebmdsl.expr.prove import prove
from ebmdsl.expr.rebuild import rebuilt
from ebmdsl.plan.lints.reach import ends_open
from ebmdsl.plan.lints.subject import free

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ebmdsl.plan.lints.subject import Subject


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
    """Tell whether a term is a number, and as low as it can be, with parameters at zero."""
    facts: Facts = prove(term, term.names)
    value = at_zero(term, loose)
    return value is not None and value.op is Op.CONST and value.data == facts.low


def at_zero(term: Node, loose: frozenset[str]) -> Node | None:
    """Return a term with these parameters at zero; None where it has no value there."""
    done: dict[Node, Node] = {}
    for each in walk(term):
        known = all(arg in done for arg in each.args)
        if not known:
            return None
        done[each] = _at_zero(each, tuple(done[arg] for arg in each.args), loose=loose)
    return done[term]


def _at_zero(node: Node, args: tuple[Node, ...], *, loose: frozenset[str]) -> Node:
    gone = node.op is Op.VARIABLE and node.data.name in loose
    silent = node.op is Op.APPLY and node.data.name in loose and ends_open(node.data)
    return const(0, node.shape) if gone or silent else rebuilt(node, args)
