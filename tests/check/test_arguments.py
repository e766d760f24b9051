"""Options: by position and by name, each of its type, and what is said where they are not."""

from __future__ import annotations

import pytest

from ebmdsl.concepts.kinds import Solver
from ebmdsl.expr.text import formula
from ebmdsl.std.solvers.fista import Fista
from tests.check.programs import checked, messages

BODY = "observed y : real\nlatent z : real\ncost e = (y - z)^2\n"


def _solver(written: str, head: str = "") -> Solver:
    body = f"{BODY}infer z by minimize with {written}\n"
    solver = checked(f"model m{head}\n{body}").infers[0].solver
    assert solver is not None
    return solver


def _wrong(written: str) -> str:
    body = f"{BODY}infer z by minimize with {written}\n"
    (message,) = messages(f"model m\n{body}")
    return message


def test_options_are_filled_by_name_and_by_hyper_parameter() -> None:
    assert _solver("fista(tol = 1e-6)") == Fista(tol=1e-6)
    assert _solver("fista(steps = n)", "(n = 7)").budget.steps == 7


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("fista(stepz = 3)", "`fista` has no option `stepz` | did you mean `steps`?"),
        ("fista(steps = 2.5)", "`steps` is a whole number, not `2.5`"),
        ("fista(steps = 1, steps = 2)", "`steps` is given twice"),
        ("fysta", "unknown solver `fysta` | did you mean `fista`?"),
        ("fista(gradient = sideways)", "unknown gradient mode `sideways`"),
    ],
)
def test_what_does_not_fit_is_said(written: str, message: str) -> None:
    assert message in _wrong(written)


@pytest.mark.parametrize(
    ("size", "shape"),
    [("2 + 3", 5), ("2 * k", 8), ("k / 2", 2), ("k^2", 16), ("10 - k", 6), ("50% * k", 2)],
)
def test_sizes_are_computed(size: str, shape: int) -> None:
    model = checked(f"model m(k = 4)\nobserved y : real[{size}]\ncost e = sq(y)\n")
    assert model.declared[0].shape == (shape,)


def test_pi_is_a_number_until_a_name_of_the_user_takes_its_place() -> None:
    half = "model m\nobserved y : real\ncost e = log(2 * pi) * y^2"
    assert formula(checked(half).terms[0].node) == "log(6.283)·y²"
    (message,) = messages(f"model m\n{BODY}infer z by minimize with fista(steps = 2 * pi)")
    assert "whole number" in message
    own = "model m(pi = 3)\nobserved y : real[pi]\ncost e = sq(y)"
    assert checked(own).declared[0].shape == (3,)
