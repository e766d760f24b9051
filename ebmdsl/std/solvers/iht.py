"""`iht`: iterative hard thresholding."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Budget, Course, Refuse
from ebmdsl.concepts.pursuit import pursuit
from ebmdsl.concepts.stepping import refusal_of_proximal, safe_step, trial

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


class State(NamedTuple):
    """Point and step length."""

    z: Tensor
    length: Tensor


@final
@concept("iht")
class Iht(Solver):
    r"""Iterative hard thresholding, for few active entries or a price for each of them.

    $z^+ = H(z - t \nabla f(z))$, where H keeps the k largest entries, or those above
    $\sqrt{2 t \lambda}$, with t = 1/L for a quadratic and found by backtracking otherwise.
    The energy falls at every step. For a quadratic the search begins at the better one of
    the start and a greedy pursuit.

    References: Blumensath & Davies 2009, doi:10.1016/j.acha.2009.04.002
    """

    steps: int = 1000
    tol: float | None = None

    expected: ClassVar[int] = 100
    longest: ClassVar[int] = 64

    def __post_init__(self) -> None:
        _ = self.budget  # which refuses what no run can have

    @property
    def budget(self) -> Budget:
        return Budget(Course.CERTIFIED, self.steps, self.tol)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_proximal(problem)
        if refusal is not None:
            return refusal
        if not _is_counted(problem):
            return Refuse(f"nothing counts the active entries of {problem.name}")
        return Accept(
            cost=self.expected * (problem.gradient + 8 * problem.size),
            reason=f"about {self.expected} steps of one gradient and one hard threshold each; "
            "which entries are active is a local choice",
            certificate=problem.certificate,
            local=True,
        )

    def init(self, objective: Objective, start: Tensor) -> State:
        z = objective.clip(start)
        length = safe_step(objective, z)
        if objective.quadratic is None:
            return State(z, length)
        most = min(objective.sparsity or self.longest, z.shape[-1])
        found = objective.clip(pursuit(objective, z, most=most))
        here = objective.smooth(z) + objective.rough(z)
        there = objective.smooth(found) + objective.rough(found)
        return State(torch.where((there <= here).unsqueeze(-1), found, z), length)

    def step(self, objective: Objective, state: State) -> State:
        z, length, held = trial(objective, state.z, step=state.length)
        return State(z if held is None else torch.where(held, state.z, z), length)

    def solution(self, state: State) -> Tensor:
        return state.z


def _is_counted(problem: Problem) -> bool:
    """Tell whether active entries have a price or a limit."""
    limits = [each.word for part in problem.sets for each in part.constraints]
    return "sparse" in limits or any(term.word == "l0" for term in problem.rough)
