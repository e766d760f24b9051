"""Schedules in the place of numbers."""

from __future__ import annotations

from math import inf

import pytest

from ebmdsl.check.arguments import chosen
from ebmdsl.check.schedules import bounds
from ebmdsl.check.scope import Scope
from ebmdsl.concepts.kinds import Schedule
from ebmdsl.expr.node import quantities
from ebmdsl.expr.prove import prove
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.text import Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.parse import parse
from tests.check.programs import checked, messages, term

HEAD = "model m\nobserved y : real[2]\nlatent z : real[2]\ninfer z by minimize\n"


def schedule(text: str) -> Schedule:
    """Read a schedule as a program writes it."""
    file, _ = parse(Source("s", f"model m\nlet s = {text}\n"))
    assert file is not None
    (statement,) = file.statements
    assert isinstance(statement, ast.Node)
    scope = Scope(Diagnostics())
    return chosen(scope, Schedule, method=statement.expr, what="schedule")


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("ramp(0, 0.5, over = 10%)", 0.0, 0.5),
        ("ramp(2, 1)", 0.0, 2.0),
        ("ramp(-1, 1)", -1.0, 1.0),
        ("decay(0.3, over = 100)", 0.0, 0.3),
    ],
)
def test_bounds_hold_what_it_takes(text: str, low: float, high: float) -> None:
    found = schedule(text)
    least, most = bounds(found)
    assert (least, most) == (low, high)
    assert all(least <= found.at(step, 1000) <= most for step in range(1001))


def test_a_schedule_in_a_term_is_a_number_that_is_no_variable_of_the_sample() -> None:
    node = term(HEAD + "cost e = sq(y - z) + ramp(0, 0.5, over = 10%) * l1(z)\n").node
    (quantity,) = [each for each in quantities(node) if each.role == "schedule"]
    assert quantity.name == "ramp(0, 0.5, over = 10%)"
    assert not quantity.per_sample
    assert prove(node, frozenset({"z"})).convex
    assert quantity.high < inf


def test_the_model_keeps_every_schedule_by_its_name() -> None:
    body = "observed y : real[2]\nparam m : real\ncost e = (lam + ramp(2, 1)) * sq(y - m)\n"
    model = checked("model m(lam = decay(0.3, over = 100))\n" + body)
    assert {name: made.word for name, made in model.schedules} == {
        "lam": "decay",
        "ramp(2, 1)": "ramp",
    }


def test_its_options_are_checked() -> None:
    (told,) = messages(HEAD + "cost e = sq(z) + ramp(0, 1, ower = 10%) * l1(z)\n")
    assert told == "`ramp` has no option `ower` | did you mean `over`?"
