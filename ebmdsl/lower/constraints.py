"""Constraints in a run: what the file computes for them has its value."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, cast

import torch

from ebmdsl.expr.node import Node
from ebmdsl.lower.energy import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.kinds import Constraint


def in_a_run(constraint: Constraint, values: Mapping[str, Tensor]) -> Constraint:
    """Return the constraint with tensors in the place of expressions, such as a mask's."""
    held: Any = constraint
    options = {each.name: getattr(held, each.name) for each in fields(held)}
    computed = {name: node for name, node in options.items() if isinstance(node, Node)}
    if not computed:
        return constraint
    with torch.no_grad():
        found = {name: evaluate(node, values) for name, node in computed.items()}
    return cast("Constraint", replace(held, **found))
