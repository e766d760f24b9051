"""`infer z by minimize`: the point of least energy, by the solver that the plan chose."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, final

import torch

from ebmdsl.concepts.facts import Block
from ebmdsl.concepts.problem import Course
from ebmdsl.lower.elimination import Elimination
from ebmdsl.lower.implicit import equation
from ebmdsl.lower.latents import Reduced
from ebmdsl.lower.loop import Status, judged, solve
from ebmdsl.lower.minima import distinct
from ebmdsl.lower.objective import Smooth
from ebmdsl.lower.retrying import retried
from ebmdsl.lower.starting import again, best_of, on_a_line, solve_from, uncoupled
from ebmdsl.lower.unrolling import unrolled

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.check.model import Model
    from ebmdsl.lower.compiled import Compiled
    from ebmdsl.lower.elimination import Asked, Values
    from ebmdsl.lower.implicit import Equation
    from ebmdsl.lower.loop import Solution
    from ebmdsl.lower.objective import Objective
    from ebmdsl.plan.plan import Eliminate

FINE = 1e-4
ROUGH = 1e-2


@final
class Minima(NamedTuple):
    """Several minima of every sample, best first: points [n, k, d], values, certificates."""

    points: Tensor
    values: Tensor
    certificate: Tensor


@final
class Minimizing(Elimination):
    """A minimization; its answer is constant, or moves with the parameters if it is asked to.

    For a constant answer the gradient of F is exact by the envelope theorem. `advance` takes
    the steps of the solver, where they are compiled.
    """

    advance: Compiled | None = None

    def __init__(self, step: Eliminate, model: Model) -> None:
        Elimination.__init__(self, step, model)
        self._wide: Reduced | None = None

    def find(self, values: Values, *, samples: int, like: Tensor, asked: Asked) -> Solution:
        """Search from the start that the file names, sample by sample."""
        with torch.no_grad():
            fixed = {name: x.detach() for name, x in values.items()}
            start = self.start(fixed, samples, like=like)
            objective = self._objective(fixed, start, tol=asked.tol)
            objective = replace(objective, advance=self.advance)
            found = self._search(objective, start, tol=asked.tol)
            if asked.retry:
                tol = asked.tol
                found = retried(found, objective, step=self.step, start=start, tol=tol)
        if not self.live or not torch.is_grad_enabled():
            return found
        if self.step.gradient == "unroll":
            return self._unrolled(values, found, objective=objective, tol=asked.tol)
        return self._moving(values, found, tol=asked.tol)

    def _search(self, objective: Objective, start: Tensor, *, tol: float) -> Solution:
        """Return the best answer of all starts; go on by a safer method where it is lost."""
        solver = self.step.solver
        assert solver is not None
        if self.step.starts is not None:
            starts = on_a_line(self.step.starts, start)
            found = best_of(*solve_from(solver, objective, starts=starts, tol=tol))
        elif objective.coupling is not None and self.step.start is None:
            first = solve(solver, uncoupled(objective), start=start, tol=ROUGH).point
            starts = torch.stack([start, first], 1)
            found = best_of(*solve_from(solver, objective, starts=starts, tol=tol))
        else:
            found = solve(solver, objective, start=start, tol=tol)
        if self.step.safer is None:
            return found
        return again(self.step.safer, objective, found=found, start=start, tol=tol)

    def minima(self, values: Values, starts: Tensor, *, asked: Asked) -> Minima:
        """Return the distinct minima that are reached from starts [n, s, d], best first.

        Points are [n, k, d], values and certificates [n, k]; a value is infinite where a
        sample has fewer minima. Points that differ by less than `minima.RADIUS` are one.
        """
        with torch.no_grad():
            fixed = {name: x.detach() for name, x in values.items()}
            objective = self._objective(fixed, starts[:, 0], tol=asked.tol)
            assert self.step.solver is not None
            solver, (n, s, _) = self.step.solver, starts.shape
            found, heights = solve_from(solver, objective, starts=starts, tol=asked.tol)
            points = found.point.unflatten(0, (n, s))
            rank = distinct(points, heights, proved=(found.status == 0).reshape(n, s))
            height = torch.where(rank.kept, rank.pick(heights), torch.inf)
            return Minima(rank.pick(points), height, rank.pick(found.certificate.reshape(n, s)))

    def equation(self, values: Values, point: Tensor) -> Equation:
        """Return the equation that the answers solve, linearized there."""
        fixed = {name: x.detach() for name, x in values.items()}
        objective = self.reduced.objective(fixed, point.detach())
        return equation(objective, point.detach(), by_entry=self._by_entry)

    def moving(self, values: Values, like: Tensor) -> Objective:
        """Return the objective to be differentiated: its smooth part is the energy itself."""
        assert self.step.smooth is not None
        names = self.reduced.per_sample
        data = tuple(values[name] for name in names)
        fixed = {name: x for name, x in values.items() if name not in names}
        smooth = Smooth(self.reduced.energy(self.step.smooth, fixed), data)
        return self.reduced.around(smooth, values, like=like)

    def _moving(self, values: Values, found: Solution, *, tol: float) -> Solution:
        """Let the answer move by its equation, which is to be solved as well as the problem."""
        held, objective = self.equation(values, found.point), self.moving(values, found.point)
        if self.step.gradient == "one_step":
            return replace(found, point=held.one_step(objective))
        residual = held.system.residual()
        certificate = torch.maximum(found.certificate, residual)
        unsolved = (found.status == Status.CONVERGED.value) & ~(residual <= tol)
        status = torch.where(unsolved, Status.AT_LIMIT.value, found.status).to(torch.int8)
        return replace(found, point=held.at(objective), certificate=certificate, status=status)

    def _unrolled(
        self, values: Values, found: Solution, *, objective: Objective, tol: float
    ) -> Solution:
        """Take the steps of the slowest sample again, and remember them."""
        solver, n = self.step.solver, found.point.shape[0]
        assert solver is not None
        budget = solver.budget
        searched = budget.course is Course.CERTIFIED and n > 0
        steps = int(found.steps.max()) if searched else budget.steps
        start = self.start(values, n, like=found.point)
        live = self.reduced.objective(values, start, live=True)
        point = unrolled(solver, live, start=start, steps=steps, kept=self.step.kept)
        counts = torch.full_like(found.steps, steps)
        return judged(solver, objective, point=point, steps=counts, tol=tol)

    @property
    def _by_entry(self) -> bool:
        """Whether terms and domain treat every entry by itself."""
        problem = self.step.problem
        assert problem is not None
        terms = (rough.function.facts[0].block for rough in self.step.rough)
        return problem.boxed and all(block <= Block.SEPARABLE for block in terms)

    def _objective(self, values: Values, start: Tensor, *, tol: float) -> Objective:
        """Return the objective; for a fine tolerance it is judged by its copy in float64."""
        objective = self.reduced.objective(values, start)
        exact = objective.states is None and not objective.sites
        if tol > FINE or start.dtype == torch.float64 or not exact:
            return objective
        fine = {name: x.double() if x.is_floating_point() else x for name, x in values.items()}
        if self._wide is None:
            self._wide = Reduced(self.step, self.model)
        self._wide.forget()  # copies of other parameters may lie at the same place
        wide = self._wide.objective(fine, start.double())
        return replace(objective, wide=wide)
