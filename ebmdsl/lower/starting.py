"""Where searches begin: several starts for each sample, and what is tried when one fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from ebmdsl.lower.loop import Status, solve
from ebmdsl.lower.quadratic import Hessian, Quadratic

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.kinds import Solver
    from ebmdsl.lower.loop import Solution
    from ebmdsl.lower.objective import Objective

JITTER = 0.01


def on_a_line(line: tuple[float, float, int], like: Tensor) -> Tensor:
    """Return the starts of a search, [n, s, d]: on a line, but never just on it.

    Where the slope vanishes by symmetry, as at 0, a search would not leave.
    """
    low, high, count = line
    points = torch.linspace(low, high, count, dtype=like.dtype, device=like.device)
    rng = torch.Generator().manual_seed(0)
    noise = torch.randn(count, like.shape[1], generator=rng, dtype=torch.float64).to(like)
    gap = (high - low) / max(count - 1, 1) or 1.0
    return (points[:, None] + JITTER * gap * noise).expand(len(like), *noise.shape)


def solve_from(
    solver: Solver, objective: Objective, *, starts: Tensor, tol: float
) -> tuple[Solution, Tensor]:
    """Search from every start, [n, s, d]; return all answers and their values, [n, s].

    The answers of a sample lie one after the other in the solution.
    """
    n, s, d = starts.shape
    index = torch.arange(n, device=starts.device).repeat_interleave(s)
    many = objective.rows(index)
    found = solve(solver, many, start=many.clip(starts.reshape(n * s, d)), tol=tol)
    return found, many.value(found.point).reshape(n, s)


def best_of(found: Solution, values: Tensor) -> Solution:
    """Return the answer of least value of every sample; what is not finite comes last."""
    n, s = values.shape
    height = torch.where(values.isfinite(), values, torch.inf)
    chosen = torch.arange(n, device=values.device) * s + height.argmin(1)
    return replace(
        found,
        point=found.point[chosen],
        certificate=found.certificate[chosen],
        status=found.status[chosen],
        steps=found.steps[chosen],
    )


def uncoupled(objective: Objective) -> Objective:
    """Return the objective whose coupling is only the part that is affine in magnitudes.

    What is left is a lasso, which is convex where the quadratic is: a good first start.
    """
    coupling = objective.coupling
    if coupling is None:
        return objective
    none = Hessian(torch.zeros_like(coupling.hessian.tensor))
    return replace(
        objective,
        coupling=Quadratic(none, coupling.linear, coupling.constant),
        wide=None,
    )


def again(
    solver: Solver, objective: Objective, *, found: Solution, start: Tensor, tol: float
) -> Solution:
    """Search once more, by a safer solver, for samples that ended without a number.

    A sample whose energy is no number at the start is left as it is: no search can help.
    """
    lost = found.status == Status.NON_FINITE.value
    if not bool(lost.any()):
        return found
    index = (lost & objective.value(start).isfinite()).nonzero()[:, 0]
    if not index.shape[0]:
        return found
    new = solve(solver, objective.rows(index), start=start[index], tol=tol)
    steps = found.steps[index] + new.steps
    return replace(
        found,
        point=found.point.index_copy(0, index, new.point),
        certificate=found.certificate.index_copy(0, index, new.certificate),
        status=found.status.index_copy(0, index, new.status),
        steps=found.steps.index_copy(0, index, steps.to(found.steps.dtype)),
    )
