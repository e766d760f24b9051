"""Which minimizers can be differentiated, how, and what the plan says about it."""

from __future__ import annotations

import pytest

from ebmdsl.plan.gradient import MODES, in_losses
from tests.plan.plans import plan_of, planned, text


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("solver", ["fista", "ista", "admm"])
def test_a_sparse_code_moves_in_every_way(solver: str, mode: str) -> None:
    (step,) = planned("lasso", f"with {solver}(gradient = {mode})").eliminations
    assert (step.gradient, step.method) == (mode, solver)
    assert in_losses(step).startswith(f"{mode}: `z` moves with the parameters")
    assert "a constant would be as exact" in in_losses(step)


def test_what_is_remembered_of_the_steps_is_said() -> None:
    (step,) = planned("lasso", "with fista(gradient = unroll, checkpoint = 10)").eliminations
    assert step.kept == 10
    assert "every 10th is remembered" in in_losses(step)


def test_a_constant_is_exact_for_a_minimum_of_the_energy_only() -> None:
    (whole,) = planned("lasso").eliminations
    assert in_losses(whole) == (
        "`z` is a constant in the loss: exact for F, by the envelope theorem"
    )
    (part,) = planned("lasso", ring="minimize(recon)").eliminations
    assert in_losses(part) == "`z` is a constant in the loss"


@pytest.mark.parametrize("mode", MODES)
def test_states_that_jump_have_no_derivative(mode: str) -> None:
    _, said = plan_of(text("kmeans", f"with exhaustive(gradient = {mode})"))
    (found,) = (each for each in said if each.severity == "error")
    assert found.id == "unsuitable-gradient"
    assert found.span.text == f"exhaustive(gradient = {mode})"
    assert "takes finitely many values, and jumps between them" in found.message


def test_checkpoints_are_for_unrolled_steps() -> None:
    for options in ("gradient = implicit, checkpoint = 4", "gradient = unroll, checkpoint = 0"):
        _, said = plan_of(text("lasso", f"with fista({options})"))
        (found,) = (each for each in said if each.severity == "error")
        assert found.id == "wrong-arguments"
        assert found.span.text in ("checkpoint", "0")
