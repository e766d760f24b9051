"""Parameters move by an exact step where every fact allows it, along a gradient otherwise."""

from __future__ import annotations

import pytest

from ebmdsl.plan.plan import Update
from tests.plan.plans import plan_of, planned, text


def _update(program: str) -> Update:
    plan, found = plan_of(program)
    assert plan is not None, [each.message for each in found]
    (update,) = plan.updates
    return update


def test_prototypes_have_an_exact_step_to_a_mean() -> None:
    (update,) = planned("kmeans").updates
    (move,) = update.moves
    assert (update.method, move.names) == ("alternation", ("W",))
    assert move.conjugate is not None
    assert move.conjugate.kind == "mean"
    assert "`W` has a mean as its minimum" in update.reason
    assert update.envelope


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"train": "train by energy with adam(1e-3)"}, "the file asks for `adam`"),
        ({"constraint": "with unit_columns"}, "breaks `unit_columns`"),
        ({"energy": "+ sum(W^4)"}, "not proved a convex quadratic in `W`"),
        ({"energy": "- 3 * sq(W)"}, "not proved a convex quadratic in `W`"),
        ({"train": "train by minimize(F + sq(W))"}, "the loss is not F alone"),
    ],
)
def test_without_one_fact_there_is_a_gradient_and_a_reason(
    changes: dict[str, str], reason: str
) -> None:
    update = _update(text("kmeans", **changes))
    assert update.method == "gradient"
    assert update.optimizer is not None
    (rejected,) = update.rejected
    assert reason in rejected.reason


@pytest.mark.parametrize(
    ("energy", "coupling"),
    [("+ sq(W)", "rows"), ("+ sq(W @ (2 * z))", "rows"), ("+ sq(sum(W))", "all")],
)
def test_rows_decouple_only_where_proved(energy: str, coupling: str) -> None:
    (update,) = planned("kmeans", energy=energy).updates
    (move,) = update.moves
    assert move.coupling == coupling
    assert "quadratic in `W`" in update.reason


def test_a_latent_that_is_no_minimizer_of_everything_forbids_the_exact_step() -> None:
    program = text("kmeans", ring="minimize").replace("by minimize", "by minimize(sq(W @ z))")
    update = _update(program)
    assert update.method == "gradient"
    assert not update.envelope
    assert "not a minimizer of the whole energy" in update.rejected[0].reason
    assert "the usual alternation" in update.reason


def test_nets_have_no_exact_step() -> None:
    head = "model m\nobserved y : real[3]\nnet f = linear(3)\n"
    program = head + "cost e = sq(y - f(y))\ntrain by energy\n"
    update = _update(program)
    assert update.method == "gradient"
    assert "`f` is a net" in update.rejected[0].reason


def test_the_envelope_theorem_is_said_where_it_is_used() -> None:
    (update,) = planned("lasso").updates
    assert update.envelope
    assert "envelope theorem" in update.reason


def test_a_player_without_effect_is_a_mistake() -> None:
    head = "model m\nobserved y : real\nparam a : real\nparam b : real\n"
    plan, found = plan_of(head + "cost e = (y - a)^2\ntrain b by energy\n")
    assert plan is None
    assert [(each.id, each.span.line) for each in found] == [("train-without-effect", 6)]


def test_an_encoder_is_reached_through_its_answer() -> None:
    program = """model m
observed y : real[3]
latent z : real[2]
net enc = linear(2)
param W : real[3, 2]
encoder zhat = enc(y)
cost e = sq(y - W @ z)
infer z by encode(zhat)
train enc by energy
"""
    assert _update(program).names == ("enc",)
