"""`ista`: plain proximal gradient steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Budget, Course
from ebmdsl.concepts.stepping import locally, refusal_of_proximal, safe_step, trial

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


class State(NamedTuple):
    """Point and step length."""

    z: Tensor
    length: Tensor


@final
@concept("ista")
class Ista(Solver):
    r"""Proximal gradient steps without momentum: the energy falls at every step.

    $z^+ = \mathrm{prox}_{tg}(z - t \nabla f(z))$, with t = 1/L for a quadratic and found by
    backtracking otherwise.

    References: Daubechies, Defrise & De Mol 2004, doi:10.1002/cpa.20042
    """

    steps: int = 5000
    tol: float | None = None
    gradient: Literal["constant", "implicit", "unroll", "one_step"] = "constant"

    expected: ClassVar[int] = 1000

    def __post_init__(self) -> None:
        _ = self.budget  # which refuses what no run can have

    @property
    def budget(self) -> Budget:
        return Budget(Course.CERTIFIED, self.steps, self.tol)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_proximal(problem)
        if refusal is not None:
            return refusal
        return Accept(
            cost=self.expected * (problem.gradient + 6 * problem.size),
            reason=f"about {self.expected} steps of one gradient and one prox each"
            + locally(problem),
            certificate=problem.certificate,
            local=not problem.convex,
        )

    def init(self, objective: Objective, start: Tensor) -> State:
        return State(start, safe_step(objective, start))

    def step(self, objective: Objective, state: State) -> State:
        z, length, held = trial(objective, state.z, step=state.length)
        return State(z if held is None else torch.where(held, state.z, z), length)

    def solution(self, state: State) -> Tensor:
        return state.z
