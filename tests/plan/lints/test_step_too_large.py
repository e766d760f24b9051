"""Steps longer than the curvature allows, where it is known."""

from __future__ import annotations

import pytest

from tests.plan.lints.said import subject

HEAD = """model m
observed y : real[4]
latent z : real[4]
param W : real[4, 4] {constraint}
param m : real[4]
cost c = {cost}
infer z by minimize with {solver}
train by energy
"""


def _said(cost: str, rate: float, *, constraint: str = "") -> list[str]:
    from tests.plan.lints.said import ids

    solver = f"gradient_descent(steps = 20, rate = {rate})"
    said = ids(HEAD.format(cost=cost, constraint=constraint, solver=solver))
    return [each for each in said if each == "step-too-large"]


UNIT = "with unit_columns"


@pytest.mark.parametrize(
    ("cost", "constraint", "most"),
    [
        ("sq(y - z)", "", 0.5),
        ("sq(y - z) / 2", "", 1.0),
        ("sq(y - 2 * z) / 2", "", 0.25),
        ("sq(y - z) / 2 + sq(z - m) / 2", "", 0.5),
        ("sq(y - W @ z) / 2", UNIT, 1.0),
        ("sq(y - W @ z) / 2 + sq(z) / 2", "with orthonormal", 0.5),
        ("sq(y - z) + dot(m, z) + sq(y)", "", 0.5),
    ],
)
def test_a_step_above_one_over_the_curvature_is_too_long(
    cost: str, constraint: str, most: float
) -> None:
    assert _said(cost, 1.01 * most, constraint=constraint) == ["step-too-large"]
    assert _said(cost, most, constraint=constraint) == []


@pytest.mark.parametrize(
    "cost",
    ["sq(y - W @ z)", "sq(y - z^2)", "sq(y - z) - sq(z) / 2", "sum(exp(z)) + sq(y - z)"],
)
def test_nothing_is_said_where_the_curvature_is_not_known(cost: str) -> None:
    assert _said(cost, 100.0) == []


def test_a_step_that_is_left_out_is_computed() -> None:
    program = HEAD.format(cost="sq(y - z)", constraint="", solver="gradient_descent(steps = 9)")
    assert subject(program).model.infers[0].solver is not None
