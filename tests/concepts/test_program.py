"""The protocol that strategies see is what a checked program gives them."""

from __future__ import annotations

from ebmdsl.concepts.program import Program
from ebmdsl.expand.program import Expandable
from tests.check.programs import checked


def test_a_checked_program_answers_what_a_strategy_asks() -> None:
    model = checked("model m\ngiven x : real\nobserved y : real\nloss l = x\ncost e = y - x\n")
    program: Program = Expandable(model)
    assert (program.observed, program.given, program.losses) == (("y",), ("x",), ("l",))
    assert program.fresh("y") not in ("y", "E", "F")
