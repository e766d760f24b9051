"""`newton`: damped Newton steps, each sample with its own curvature and line search."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Smoothness
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.matrices import eigen
from ebmdsl.concepts.problem import Accept, Budget, Course, Refuse
from ebmdsl.concepts.stepping import locally, refusal_of_smooth

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


class State(NamedTuple):
    """Point, value, slope, direction and trial length."""

    z: Tensor
    value: Tensor
    slope: Tensor
    direction: Tensor
    length: Tensor


@final
@concept("newton")
class Newton(Solver):
    r"""Damped Newton steps for energies with two derivatives, every sample by itself.

    $p = -|H|^{-1} \nabla f$, where $|H|$ has the eigenvalues of the Hessian made positive:
    along directions of negative curvature it descends as well. One trial point a step, taken
    where $f(z + tp) \le f(z) + 10^{-4}\, t\, p^\top \nabla f$; otherwise t is halved. Near a
    minimum the number of right digits doubles with every step.

    References: Nocedal & Wright 2006, doi:10.1007/978-0-387-40065-5, §3.4; Dauphin et al.
    2014, arXiv:1406.2572
    """

    steps: int = 200
    tol: float | None = None

    expected: ClassVar[int] = 20
    widest: ClassVar[int] = 128
    floor: ClassVar[float] = 1e-6

    def __post_init__(self) -> None:
        _ = self.budget  # which refuses what no run can have

    @property
    def budget(self) -> Budget:
        return Budget(Course.CERTIFIED, self.steps, self.tol)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_smooth(problem, "a Newton step")
        if refusal is not None:
            return refusal
        if problem.kinked or problem.smooth.smoothness < Smoothness.C2:
            return Refuse(f"two derivatives of the energy in {problem.name} are not proved")
        if problem.size > self.widest:
            rows = f"{problem.size:,}"
            return Refuse(f"every sample would need its own matrix of {rows} x {rows} entries")
        matrix = problem.size * problem.gradient + 20.0 * problem.size**3
        return Accept(
            cost=self.expected * (matrix + problem.gradient),
            reason=f"about {self.expected} steps of one matrix of second derivatives for each "
            "sample" + locally(problem),
            certificate=problem.certificate,
            local=not problem.convex,
        )

    def init(self, objective: Objective, start: Tensor) -> State:
        slope = objective.gradient(start)
        return State(
            start,
            objective.smooth(start),
            slope,
            self._direction(objective, start, slope=slope),
            torch.ones_like(start[:, :1]),
        )

    def step(self, objective: Objective, state: State) -> State:
        move = state.length * state.direction
        z = state.z + move
        value = objective.smooth(z)
        descent = (move * state.slope).sum(-1)
        slack = 4 * torch.finfo(z.dtype).eps * state.value.abs()
        taken = value <= state.value + 1e-4 * descent + slack
        here = taken.unsqueeze(-1)
        z = torch.where(here, z, state.z)
        slope = objective.gradient(z)
        return State(
            z,
            torch.where(taken, value, state.value),
            slope,
            self._direction(objective, z, slope=slope),
            torch.where(here, torch.ones_like(state.length), state.length / 2),
        )

    def solution(self, state: State) -> Tensor:
        return state.z

    def _direction(self, objective: Objective, z: Tensor, *, slope: Tensor) -> Tensor:
        """Return where the curvature, made positive, points down, [n, d]."""
        values, vectors = eigen(objective.curvature(z))
        size = values.abs()
        least = self.floor * size.amax(-1, keepdim=True)
        size = torch.maximum(size, least.clamp_min(torch.finfo(z.dtype).tiny))
        turned = (vectors.mT @ slope.unsqueeze(-1)).squeeze(-1) / size
        return -(vectors @ turned.unsqueeze(-1)).squeeze(-1)
