"""A second search for the samples that the first one left unproved, by safer methods."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import torch

from ebmdsl.concepts.base import default, words
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Course
from ebmdsl.lower.loop import Status, solve

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Problem
    from ebmdsl.lower.loop import Solution
    from ebmdsl.lower.objective import Objective
    from ebmdsl.plan.plan import Eliminate

LONGER = 10


def retried(
    found: Solution,
    objective: Objective,
    *,
    step: Eliminate,
    start: Tensor,
    tol: float,
) -> Solution:
    """Search again for every sample that is not proved.

    First by the method of the step with ten times as many steps, then by the other methods
    that take the problem and prove their answers, each for what is still left. A sample
    keeps the answer with the better certificate; one that nothing proves is still told so.
    """
    solver, problem = step.solver, step.problem
    assert solver is not None
    assert problem is not None
    for other in (_longer(solver), *_others(solver, problem)):
        left = (found.status != Status.CONVERGED.value).nonzero()[:, 0]
        if not left.shape[0]:
            break
        again = solve(_longer(other), objective.rows(left), start=start[left], tol=tol)
        found = _better(found, again, left=left)
    return found


def _longer(solver: Solver) -> Solver:
    """Return the method with more steps, where it counts them."""
    steps = getattr(solver, "steps", None)
    return replace(cast("Any", solver), steps=LONGER * steps) if steps else solver


def _others(solver: Solver, problem: Problem) -> list[Solver]:
    """List the other methods that take a problem and prove their answers, cheapest first."""
    known = [default(Solver, word) for word in words(Solver) if word != solver.word]
    taken = [(each, each.accepts(problem)) for each in known]
    fit = [
        (verdict.cost, each.word, each)
        for each, verdict in taken
        if isinstance(verdict, Accept) and each.budget.course is not Course.COUNTED
    ]
    return [each for _, _, each in sorted(fit, key=lambda one: one[:2])]


def _better(found: Solution, again: Solution, *, left: Tensor) -> Solution:
    """Put the second answers in where they are proved better."""
    old = found.certificate[left].nan_to_num(nan=torch.inf)
    lost = found.status[left] == Status.NON_FINITE.value
    kept = (again.certificate < old) | (lost & (again.status != Status.NON_FINITE.value))
    where = left[kept]
    point, certificate = found.point.clone(), found.certificate.clone()
    status, steps = found.status.clone(), found.steps.clone()
    point[where], certificate[where] = again.point[kept], again.certificate[kept]
    status[where] = again.status[kept]
    steps[left] += again.steps
    return replace(found, point=point, certificate=certificate, status=status, steps=steps)
