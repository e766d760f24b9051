"""Run the eliminations of a plan, innermost first: the one function that everything calls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.latents import Reduced
from ebmdsl.lower.loop import Solution, Status, solve
from ebmdsl.lower.sums import exhaustive_sum, independent_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.check.model import Model
    from ebmdsl.lower.objective import Objective
    from ebmdsl.plan.plan import Eliminate

    Values = Mapping[str, Tensor]


FINE = 1e-4


@final
class Elimination:
    """One step of the plan, ready to run on a batch."""

    def __init__(self, step: Eliminate, model: Model) -> None:
        self.step, self.model = step, model
        self.reduced = Reduced(step, model)

    def run(self, values: Values, *, samples: int, like: Tensor, tol: float) -> Solution:
        """Return the answer [n, d] for every sample, its certificate and status."""
        start = self._start(values, samples, like=like)
        match self.step.ring:
            case "minimize":
                assert self.step.solver is not None
                with torch.no_grad():
                    objective = self._objective(values, start, tol=tol)
                return solve(self.step.solver, objective, start=start, tol=tol)
            case "encode":
                return self._settled(start)
            case "marginalize":
                with torch.no_grad():
                    _, mean = self.marginal(values, start)
                return self._settled(mean)
            case "sample":
                raise NotImplementedError("sampling is refused by the plan")

    def _objective(self, values: Values, start: Tensor, *, tol: float) -> Objective:
        """Return the objective; for a fine tolerance it is judged by its copy in float64."""
        objective = self.reduced.objective(values, start)
        judged = objective.quadratic is not None and objective.states is None
        if tol > FINE or start.dtype == torch.float64 or not judged:
            return objective
        exact = {name: x.double() if x.is_floating_point() else x for name, x in values.items()}
        wide = Reduced(self.step, self.model).objective(exact, start.double())
        return replace(objective, wide=wide)

    def marginal(self, values: Values, like: Tensor) -> tuple[Tensor, Tensor]:
        """Return F, differentiable in the parameters, and the posterior mean, [n, d]."""
        inputs = self.reduced.per_sample
        data = tuple(values[name] for name in inputs)
        fixed = {name: x for name, x in values.items() if name not in inputs}
        energy = self.reduced.energy(self.step.objective, fixed)
        assert self.step.problem is not None
        if self.step.method == "independent_units":
            spin = self.step.problem.domain == "spin"
            return independent_units(energy, like, data=data, beta=self.step.beta, spin=spin)
        states = self.reduced.states(like)
        return exhaustive_sum(energy, states.points, data=data, beta=self.step.beta)

    def _start(self, values: Values, samples: int, *, like: Tensor) -> Tensor:
        size = self.reduced.layout.size
        node = self.step.start
        if node is None:
            return torch.zeros(samples, size, dtype=like.dtype, device=like.device)
        with torch.set_grad_enabled(self.step.ring == "encode"):
            start = evaluate(node, values)
        one = not node.shape and not node.plates
        return start.reshape([-1, 1 if one else size]).expand(samples, size).to(like.dtype)

    def _settled(self, point: Tensor) -> Solution:
        """Return an answer that needs no search."""
        n = point.shape[0]
        zero = torch.zeros(n, dtype=torch.float64, device=point.device)
        finite = point.isfinite().all(-1)
        status = torch.where(finite, Status.CONVERGED.value, Status.NON_FINITE.value)
        return Solution(point, zero, status.to(torch.int8), zero.to(torch.int32))
