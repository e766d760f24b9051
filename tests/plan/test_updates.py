"""Parameters move by an exact step where the structure has one, else along a gradient."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import compile
from ebmdsl.plan.plan import Update
from tests.plan.plans import planned

TWO = """model two
observed y : real[3]
latent z : onehot[4]
param W : real[3, 4]
param b : real[3]
cost c = {cost}
infer z by minimize
train by energy
"""


def update_of(cost: str) -> Update:
    compilation = compile(TWO.format(cost=cost))
    assert compilation.plan is not None, compilation.diagnostics.all
    (found,) = compilation.plan.updates
    return found


def test_parameters_that_are_jointly_quadratic_are_solved_for_together() -> None:
    found = update_of("sq(y - W @ z - b)")
    assert found.method == "alternation"
    assert [set(block) for block in found.blocks] == [{"W", "b"}]


def test_a_product_of_parameters_is_solved_for_in_turn() -> None:
    found = update_of("sq(y - b * (W @ z))")
    assert found.method == "alternation"
    assert sorted(found.blocks) == [("W",), ("b",)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"train": "train by energy with sgd(0.1)"}, "the file asks for `sgd`"),
        ({"train": "train W by minimize(distortion)"}, "the loss is not F alone"),
        ({"constraint": "with unit_columns"}, "breaks `unit_columns`"),
        ({"energy": "+ sum(exp(W))"}, "not proved a convex quadratic in `W`"),
    ],
)
def test_without_an_exact_step_the_reason_is_said(changes: dict[str, str], reason: str) -> None:
    (found,) = planned("kmeans", **changes).updates
    assert found.method == "gradient"
    assert found.optimizer is not None
    assert reason in found.rejected[0].reason


def test_a_player_that_moves_nothing_is_a_mistake() -> None:
    compilation = compile(TWO.format(cost="sq(y - W @ z)"))
    assert compilation.plan is None
    (found,) = compilation.diagnostics.errors
    assert found.id == "train-without-effect"
    assert "`b`" in found.message
