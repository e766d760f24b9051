"""Samples that a search leaves unproved are searched again, the others stay as they are."""

from __future__ import annotations

import torch

from ebmdsl.concepts.base import default
from ebmdsl.concepts.facts import Curvature, Facts
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Problem
from ebmdsl.expr.build import const
from ebmdsl.lower.loop import Solution, Status, solve
from ebmdsl.lower.objective import Objective
from ebmdsl.lower.quadratic import Hessian, Quadratic
from ebmdsl.lower.retrying import retried
from ebmdsl.plan.plan import Eliminate
from ebmdsl.std.solvers.ista import Ista
from tests.lower.programs import samples

N, D = 6, 5


def _retried(
    solver: Solver, objective: Objective, problem: Problem, *, start: torch.Tensor, tol: float
) -> Solution:
    step = Eliminate(
        ("z",), "minimize", solver.word, const(0), True, "", "", problem=problem, solver=solver
    )
    found = solve(solver, objective, start=start, tol=tol)
    return retried(found, objective, step=step, start=start, tol=tol)


def _problem() -> tuple[Objective, Problem, torch.Tensor]:
    """A valley a thousand times longer than wide: half of the samples start at its end."""
    root = samples(D, D)
    axes = torch.linalg.qr(root).Q
    matrix = axes @ torch.diag(torch.logspace(-3, 0, D, dtype=torch.float64)) @ axes.T
    answer = samples(N, D, seed=2)
    f = Quadratic(Hessian(matrix), answer @ matrix, samples(N, seed=3).square())
    facts = Facts(degree=2, curvature=Curvature.CONVEX)
    problem = Problem(("z",), size=D, domain="real", smooth=facts, shared=True)
    start = answer.clone()
    start[N // 2 :] += 3
    return Objective(smooth_part=f, by_slope=True), problem, start


def test_a_second_search_proves_what_the_first_did_not() -> None:
    objective, problem, start = _problem()
    short = Ista(steps=20)
    first = solve(short, objective, start=start, tol=1e-8)
    assert first.status.tolist() == [0] * 3 + [Status.AT_LIMIT.value] * 3
    second = _retried(short, objective, problem, start=start, tol=1e-8)
    assert second.status.tolist() == [0] * N
    assert torch.equal(second.point[: N // 2], first.point[: N // 2])
    assert (second.steps >= first.steps).all()
    assert (second.certificate <= 1e-8).all()


def test_what_is_proved_at_once_is_searched_once() -> None:
    objective, problem, start = _problem()
    solver = default(Solver, "closed_form")
    first = solve(solver, objective, start=start, tol=1e-8)
    second = _retried(solver, objective, problem, start=start, tol=1e-8)
    assert torch.equal(second.point, first.point)
    assert torch.equal(second.steps, first.steps)


def test_what_nothing_proves_is_still_told_so() -> None:
    objective, problem, start = _problem()
    second = _retried(Ista(steps=20), objective, problem, start=start, tol=1e-30)
    told = second.status == Status.CONVERGED.value
    assert torch.equal(told, second.certificate <= 1e-30)
    assert not told.all()
    assert (second.certificate < 1e-6).all()
