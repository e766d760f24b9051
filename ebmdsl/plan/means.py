"""Find parameters that are best at a mean: those that act only as a distance from a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.concepts.base import default
from ebmdsl.concepts.kinds import Function
from ebmdsl.expr.build import add, multiply, negative
from ebmdsl.expr.calls import call
from ebmdsl.expr.node import Node, Op, quantities, walk
from ebmdsl.expr.prove import prove
from ebmdsl.plan.conjugate import Conjugate, selects

if TYPE_CHECKING:
    from ebmdsl.check.model import Model


def mean(model: Model, energy: Node, *, name: str) -> Conjugate | None:
    r"""Return the form of an energy that is quadratic in $u - \mu$, or None where it is not.

    Its matrix depends on other parameters, and on what chooses the column of the parameter,
    but on nothing else of a sample: then all samples of a column pull with equal weight.
    """
    nodes = list(walk(energy))
    chosen = {arg for node in nodes if not selects(node, name) for arg in node.args}
    used = [node for node in chosen if selects(node, name)]
    if len(used) != 1 or used[0].plates:
        return None
    (selected,) = used
    targets = _targets(nodes, selected)
    facts = prove(energy, frozenset({name}))
    known = {*model.parameters, *(each.name for each in quantities(selected))}
    if len(targets) != 1 or facts.degree != _QUADRATIC or not facts.leading <= known:
        return None
    (target,) = targets
    if target is None or name in target.names:
        return None
    return Conjugate("mean", pulled=_sum(multiply(selected, target)), count=_sum(selected))


def _targets(nodes: list[Node], selected: Node) -> set[Node | None]:
    """List the values that a selection is subtracted from; None for any other use of it."""
    negated = negative(selected)
    found: set[Node | None] = set()
    for node in nodes:
        if selected in node.args and node is not negated:
            found.add(negative(_rest(node, selected)) if node.op is Op.ADD else None)
        if negated in node.args:
            found.add(_rest(node, negated) if node.op is Op.ADD else None)
    return found


def _rest(node: Node, left_out: Node) -> Node:
    return add(*(arg for arg in node.args if arg is not left_out))


def _sum(node: Node) -> Node:
    return call(default(Function, "sum"), node) if node.shape else node


_QUADRATIC = 2
