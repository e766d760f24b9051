"""`omp`: orthogonal matching pursuit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, final

from ebmdsl.concepts.abilities import Projectable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Budget, Course, Refuse
from ebmdsl.concepts.pursuit import pursuit
from ebmdsl.concepts.stepping import refusal_of_matrix, refusal_of_proximal

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


class State(NamedTuple):
    """The answer of every sample."""

    z: Tensor


@final
@concept("omp")
class Omp(Solver):
    r"""Orthogonal matching pursuit: k entries enter one by one, all refitted after each.

    The entry that enters is the one whose column correlates most with what is left,
    $\operatorname{argmax}_j |w_j^\top (y - W z)| / \lVert w_j \rVert$; then the values of all
    chosen entries are the least squares. The answer is a local one: no exchange of entries
    is tried.

    References: Pati, Rezaiifar & Krishnaprasad 1993, doi:10.1109/ACSSC.1993.342465; Tropp &
    Gilbert 2007, doi:10.1109/TIT.2007.909108
    """

    @property
    def budget(self) -> Budget:
        return Budget(Course.DIRECT)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_proximal(problem) or refusal_of_matrix(problem)
        if refusal is not None:
            return refusal
        most = sparsity(problem)
        if most is None:
            return Refuse(f"nothing says how many entries of {problem.name} may be active")
        if problem.rough:
            term = problem.rough[0]
            return Refuse(f"`{term.text}` would bend the least squares", term.span)
        if not problem.quadratic:
            return Refuse(f"the energy is not a polynomial of degree 2 in {problem.name}")
        each = problem.gradient + 4.0 * problem.size + most**3 / 4
        return Accept(
            cost=most * each,
            reason=f"{most} entries enter one by one, all refitted after each; which ones is "
            "a greedy choice, so a local minimum",
            certificate=problem.certificate,
            local=True,
        )

    def init(self, objective: Objective, start: Tensor) -> State:
        if objective.sparsity is None:
            raise TypeError("`omp` was planned for a latent of which all entries may be active")
        return State(pursuit(objective, start, most=objective.sparsity))

    def step(self, objective: Objective, state: State) -> State:
        del objective
        return state

    def solution(self, state: State) -> Tensor:
        return state.z


def sparsity(problem: Problem) -> int | None:
    """Return how many entries may be active where that is the only limit of one latent."""
    if len(problem.sets) != 1:
        return None
    (part,) = problem.sets
    own = [each.most for each in part.constraints if isinstance(each, Projectable)]
    if part.low > -float("inf") or part.high < float("inf") or len(own) != 1:
        return None
    return own[0]
