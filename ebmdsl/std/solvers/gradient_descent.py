"""`gradient_descent`: steps along the derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Budget, Course
from ebmdsl.concepts.stepping import refusal_of_smooth, safe_step, trial

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


class State(NamedTuple):
    """Point and step length."""

    z: Tensor
    length: Tensor


@final
@concept("gradient_descent")
class GradientDescent(Solver):
    r"""Gradient steps, $z^+ = z - t \nabla f(z)$.

    With `steps` exactly so many are taken, and no convergence is claimed; without, samples
    stop at their certificate. With `rate` the step length t is that; without, it is 1/L for
    a quadratic and found by backtracking otherwise.

    References: Cauchy 1847; Nesterov 2004, §1.2.3
    """

    steps: int | None = None
    rate: float | None = None
    tol: float | None = None
    gradient: Literal["constant", "implicit", "unroll", "one_step"] = "constant"

    most: ClassVar[int] = 5000
    expected: ClassVar[int] = 1000

    def __post_init__(self) -> None:
        _ = self.budget  # which refuses what no run can have
        if self.rate is not None and self.rate <= 0:
            raise ValueError(f"`rate` is above zero, not {self.rate:g}")

    @property
    def budget(self) -> Budget:
        if self.steps is None:
            return Budget(Course.CERTIFIED, self.most, self.tol)
        return Budget(Course.COUNTED, self.steps, self.tol)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_smooth(problem, "a plain gradient step")
        if refusal is not None:
            return refusal
        count = self.expected if self.steps is None else self.steps
        about = f"about {count}" if self.steps is None else f"exactly {count}"
        return Accept(
            cost=count * (problem.gradient + 2 * problem.size),
            reason=f"{about} steps of one gradient each",
            certificate=problem.certificate,
            local=not problem.convex,
        )

    def init(self, objective: Objective, start: Tensor) -> State:
        if self.rate is None:
            return State(start, safe_step(objective, start))
        return State(start, torch.full_like(start[:, :1], self.rate))

    def step(self, objective: Objective, state: State) -> State:
        if self.rate is not None:
            slope = objective.gradient(state.z)
            return State(state.z - state.length * slope, state.length)
        z, length, held = trial(objective, state.z, step=state.length)
        return State(z if held is None else torch.where(held, state.z, z), length)

    def solution(self, state: State) -> Tensor:
        return state.z
