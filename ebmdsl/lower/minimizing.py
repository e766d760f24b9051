"""`infer z by minimize`: the point of least energy, by the solver that the plan chose."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.lower.elimination import Elimination
from ebmdsl.lower.latents import Reduced
from ebmdsl.lower.loop import solve

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.lower.elimination import Asked, Values
    from ebmdsl.lower.loop import Solution
    from ebmdsl.lower.objective import Objective

FINE = 1e-4


@final
class Minimizing(Elimination):
    """A minimization; its answer is constant, which the envelope theorem makes exact."""

    @torch.no_grad()
    def find(self, values: Values, *, samples: int, like: Tensor, asked: Asked) -> Solution:
        """Search from the start that the file names, sample by sample."""
        assert self.step.solver is not None
        start = self.start(values, samples, like=like)
        objective = self._objective(values, start, tol=asked.tol)
        return solve(self.step.solver, objective, start=start, tol=asked.tol)

    def _objective(self, values: Values, start: Tensor, *, tol: float) -> Objective:
        """Return the objective; for a fine tolerance it is judged by its copy in float64."""
        objective = self.reduced.objective(values, start)
        judged = objective.quadratic is not None and objective.states is None
        if tol > FINE or start.dtype == torch.float64 or not judged:
            return objective
        exact = {name: x.double() if x.is_floating_point() else x for name, x in values.items()}
        wide = Reduced(self.step, self.model).objective(exact, start.double())
        return replace(objective, wide=wide)
