"""Schedules in the place of numbers: `ramp(0, 0.5, over = 10%) * l1(z)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.check.arguments import chosen
from ebmdsl.concepts.kinds import Schedule
from ebmdsl.expr.build import variable
from ebmdsl.expr.node import Node, Quantity

if TYPE_CHECKING:
    from ebmdsl.check.here import Here
    from ebmdsl.check.scope import Scope
    from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write


def inline(here: Here, call: ast.Call) -> Node:
    """Return a schedule that stands in an expression."""
    schedule = chosen(here.scope, Schedule, method=call, what="schedule")
    return scheduled(here.scope, write(call), schedule=schedule)


def scheduled(scope: Scope, name: str, *, schedule: Schedule) -> Node:
    """Return the number that a schedule gives at this step, and remember the schedule."""
    scope.schedules[name] = schedule
    return variable(Quantity(name, "schedule", bounds=bounds(schedule)), ())


def bounds(schedule: Schedule) -> tuple[float, float]:
    """Bound what a schedule takes; one that falls towards 0 does not fall below it."""
    values = [schedule.at(step, _LONG) for step in _STEPS]
    low, high = min(values), max(values)
    return (min(low, 0.0) if low < 0 else 0.0 if low < values[0] else low), high


_LONG = 10**6
_STEPS = (*range(0, 2000, 7), *range(0, _LONG + 1, 5000))
