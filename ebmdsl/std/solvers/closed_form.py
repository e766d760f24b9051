"""`closed_form`: the solution of the linear system that a quadratic energy poses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Budget, Course, Refuse
from ebmdsl.concepts.stepping import refusal_of_matrix, refusal_of_smooth

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


class State(NamedTuple):
    """The minimizer of every sample."""

    z: Tensor


@final
@concept("closed_form")
class ClosedForm(Solver):
    r"""The minimizer of a convex quadratic, $Q z = b$, by one factorization in float64.

    One Cholesky factorization serves all samples when Q is theirs in common. Where Q is
    singular the answer of least norm is taken; where the system has no answer (the energy
    falls forever) the certificate says so.

    References: Golub & Van Loan 2013, §4.2 and §5.5
    """

    @property
    def budget(self) -> Budget:
        return Budget(Course.DIRECT)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_smooth(problem, "a linear system")
        if refusal is not None:
            return refusal
        if not problem.quadratic:
            return Refuse(f"the energy is not a polynomial of degree 2 in {problem.name}")
        if not problem.smooth.convex:
            return Refuse(f"the energy is not proved convex in {problem.name}")
        too_large = refusal_of_matrix(problem)
        if too_large is not None:
            return too_large
        spread = problem.batch if problem.shared else 1
        shared = "one factorization for all samples" if problem.shared else "one per sample"
        return Accept(
            cost=0.5 * problem.size**3 / spread + problem.size**2,
            reason=f"a quadratic in {problem.name}: a linear system, {shared}",
            certificate=problem.certificate,
        )

    def init(self, objective: Objective, start: Tensor) -> State:
        if objective.quadratic is None:
            raise TypeError("`closed_form` was planned for an energy that is no quadratic")
        del start
        return State(objective.quadratic.hessian.solve(objective.quadratic.linear))

    def step(self, objective: Objective, state: State) -> State:
        del objective
        return state

    def solution(self, state: State) -> Tensor:
        return state.z
