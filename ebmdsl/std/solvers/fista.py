"""`fista`: accelerated proximal gradient steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Budget, Course, Refuse
from ebmdsl.concepts.stepping import refusal_of_bent, refusal_of_proximal, safe_step, trial

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


class State(NamedTuple):
    """Point, extrapolated point, steps since the last restart, step length."""

    z: Tensor
    ahead: Tensor
    age: Tensor
    length: Tensor


@final
@concept("fista")
class Fista(Solver):
    r"""Accelerated proximal gradient with restarts, for a smooth part plus a term with a prox.

    $z^+ = \mathrm{prox}_{tg}(w - t \nabla f(w))$, $w^+ = z^+ + \frac{k}{k+3} (z^+ - z)$;
    k starts again where the momentum points uphill. The step t is 1/L for a quadratic and
    found by backtracking otherwise.

    References: Beck & Teboulle 2009, doi:10.1137/080716542; O'Donoghue & Candès 2015,
    doi:10.1007/s10208-013-9150-3
    """

    steps: int = 5000
    tol: float | None = None
    gradient: Literal["constant", "implicit", "unroll", "one_step"] = "constant"

    expected: ClassVar[int] = 200

    def __post_init__(self) -> None:
        _ = self.budget  # which refuses what no run can have

    @property
    def budget(self) -> Budget:
        return Budget(Course.CERTIFIED, self.steps, self.tol)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_proximal(problem)
        if refusal is not None:
            return refusal
        bent = refusal_of_bent(problem)
        if bent is not None:
            reason = f"{bent.reason}; momentum needs that, `ista` does not"
            return Refuse(reason, bent.span)
        return Accept(
            cost=self.expected * (problem.gradient + 8 * problem.size),
            reason=f"about {self.expected} steps of one gradient and one prox each",
            certificate=problem.certificate,
        )

    def init(self, objective: Objective, start: Tensor) -> State:
        age = torch.zeros_like(start[:, :1])
        return State(start, start, age, safe_step(objective, start))

    def step(self, objective: Objective, state: State) -> State:
        z, length, held = trial(objective, state.ahead, step=state.length)
        moved = z - state.z
        uphill = ((state.ahead - z) * moved).sum(-1, keepdim=True) > 0
        age = torch.where(uphill, torch.zeros_like(state.age), state.age + 1)
        ahead = torch.addcmul(z, age / (age + 3), moved)
        if held is None:
            return State(z, ahead, age, length)
        kept = State(state.z, state.ahead, state.age, length)
        fresh = State(z, ahead, age, length)
        return State(*(torch.where(held, a, b) for a, b in zip(kept, fresh, strict=True)))

    def solution(self, state: State) -> Tensor:
        return state.z
