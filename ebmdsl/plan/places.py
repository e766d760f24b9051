"""Find energies that are sums over the places of a discrete sequence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.expr.build import add, addends, const
from ebmdsl.expr.node import Op

if TYPE_CHECKING:
    from ebmdsl.check.model import Model
    from ebmdsl.expr.node import Node
    from ebmdsl.plan.plan import Eliminate


def places(model: Model, step: Eliminate) -> Node | None:
    """Return the energy place by place, where it is a sum over the places of what is found.

    That is one sequence of discrete values, one plate, and every term that it is in is a sum
    over the same plate.
    """
    declared = model.find(step.names[0])
    if declared is None or len(step.names) > 1 or len(declared.plates) != 1:
        return None
    if declared.quantity.domain.name not in ("token", "onehot") or len(declared.shape) > 1:
        return None
    name = declared.name
    parts: list[Node] = []
    for term in addends(step.objective):
        if name not in term.names:
            continue
        if term.op is not Op.SUM_PLATE or term.args[0].plates != declared.plates:
            return None
        parts.append(term.args[0])
    return add(const(0), *parts) if parts else None
