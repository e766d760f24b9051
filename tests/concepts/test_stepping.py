"""Steps that all proximal methods share, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from ebmdsl.concepts.facts import Curvature, Facts, Smoothness
from ebmdsl.concepts.problem import Problem, Rough
from ebmdsl.concepts.stepping import refusal_of_proximal, refusal_of_smooth, safe_step, trial
from ebmdsl.lower.objective import Objective, Smooth
from ebmdsl.lower.quadratic import Hessian, Quadratic

PLAIN = Problem(("z",), 3, "real", Facts(degree=2, curvature=Curvature.CONVEX))
KINK = Rough("lam * l1(z)", "l1")


def steep(z: Tensor) -> Tensor:
    return (z**4).sum(-1)


def test_the_step_of_a_quadratic_is_one_over_its_bound() -> None:
    zero = torch.zeros(2, 3)
    quadratic = Quadratic(Hessian(torch.diag(torch.tensor([1.0, 4.0, 2.0]))), zero, zero[:, 0])
    found = safe_step(Objective(smooth_part=quadratic), zero)
    torch.testing.assert_close(found, torch.full((2, 1), 0.25), rtol=1e-4, atol=0)


@pytest.mark.parametrize("scale", [1e-6, 1, 1e6])
def test_a_step_that_overshoots_is_refused_and_halved(scale: float) -> None:
    objective = Objective(smooth_part=Smooth(lambda z: scale * steep(z)))
    z = torch.tensor([[1.0, 2.0], [0.1, 0.0]], dtype=torch.float64)
    long = torch.full((2, 1), 0.5, dtype=torch.float64) / scale
    moved, step, refused = trial(objective, z, step=long)
    assert refused is not None
    assert refused.squeeze(-1).tolist() == [True, False]
    torch.testing.assert_close(step, long * torch.tensor([[0.5], [1.0]]))
    assert objective.smooth(moved)[1] < objective.smooth(z)[1]


@pytest.mark.parametrize("scale", [1e-6, 1, 1e6])
def test_a_first_step_is_of_the_right_size(scale: float) -> None:
    objective = Objective(smooth_part=Smooth(lambda z: scale * (z**2).sum(-1)))
    z = torch.tensor([[1.0, 2.0]], dtype=torch.float64)
    found = float(safe_step(objective, z)) * scale
    assert 0.25 < found <= 1.01
    assert float(safe_step(objective, torch.zeros_like(z))) > 0


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (replace(PLAIN, states=4, domain="onehot"), ["`z`", "finitely many"]),
        (replace(PLAIN, rough=(KINK,)), ["`lam * l1(z)`", "kink at 0", "a plain step"]),
        (replace(PLAIN, domain="nonneg"), ["`z`", "nonneg", "leave"]),
    ],
)
def test_a_plain_step_is_refused_by_name(problem: Problem, words: list[str]) -> None:
    refusal = refusal_of_smooth(problem, "a plain step")
    assert refusal is not None
    assert all(word in refusal.reason for word in words)
    assert refusal_of_smooth(PLAIN, "a plain step") is None


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (replace(PLAIN, states=4, domain="onehot"), ["`z`", "finitely many"]),
        (replace(PLAIN, rough=(replace(KINK, obstacle="S mixes entries"),)), ["S mixes"]),
        (replace(PLAIN, rough=(KINK, Rough("l2(z)", "l2"))), ["`l2(z)`", "their sum"]),
        (replace(PLAIN, smooth=Facts(smoothness=Smoothness.C0)), ["kinks in `z`"]),
    ],
)
def test_a_proximal_step_is_refused_by_name(problem: Problem, words: list[str]) -> None:
    refusal = refusal_of_proximal(problem)
    assert refusal is not None
    assert all(word in refusal.reason for word in words)
    assert refusal_of_proximal(replace(PLAIN, rough=(KINK,))) is None
