"""`coordinate_descent`: one entry after the other at its exact minimum."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Budget, Course, Refuse
from ebmdsl.concepts.stepping import (
    locally,
    refusal_of_matrix,
    refusal_of_proximal,
    refusal_of_sets,
)
from ebmdsl.concepts.sweeps import Sweep, best_entry

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


class State(NamedTuple):
    """The point."""

    z: Tensor


@final
@concept("coordinate_descent")
class CoordinateDescent(Solver):
    r"""Exact minimization along one entry after the other; the energy never rises.

    For a quadratic plus a quadratic in absolute values, $\tfrac12 z^\top Q z - b^\top z +
    \lambda \lVert z \rVert_1 + |z|^\top S |z|$, the energy along an entry is a parabola plus
    a weighted absolute value, and its minimum a soft threshold, $z_i \leftarrow
    \operatorname{shrink}(b_i - \sum_{j \ne i} Q_{ij} z_j,\ \lambda + 2 \sum_j S_{ij} |z_j|)
    / Q_{ii}$; for other terms of single entries it is their proximal point. A step is a
    sweep: `cyclic` takes every entry in its turn, `greedy` as many times the one that moves
    most.

    References: Li & Osher 2009, doi:10.3934/ipi.2009.3.487; Gregor, Szlam & LeCun 2011,
    doi:10.5555/2986459.2986590; Wright 2015, doi:10.1007/s10107-015-0892-3
    """

    steps: int = 400
    tol: float | None = None
    order: Literal["cyclic", "greedy"] = "cyclic"

    expected: ClassVar[int] = 30
    overhead: ClassVar[float] = 8.0

    def __post_init__(self) -> None:
        _ = self.budget  # which refuses what no run can have

    @property
    def budget(self) -> Budget:
        return Budget(Course.CERTIFIED, self.steps, self.tol)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = _refusal_of_terms(problem) or refusal_of_matrix(problem)
        if refusal is not None:
            return refusal
        if not problem.quadratic:
            return Refuse(
                f"along an entry of {problem.name} the smooth part is not proved a parabola"
            )
        sweep = problem.size * (problem.size + self.overhead)
        return Accept(
            cost=self.expected * self.overhead * sweep,
            reason=f"about {self.expected} sweeps; along each entry of {problem.name} the "
            f"energy is a parabola and {_kink(problem)}, minimized exactly" + locally(problem),
            certificate=problem.certificate,
            local=not problem.convex,
        )

    def init(self, objective: Objective, start: Tensor) -> State:
        return State(objective.clip(start))

    def step(self, objective: Objective, state: State) -> State:
        if self.order == "cyclic":
            return State(Sweep(objective, state.z).run())
        z, slope = state.z, objective.gradient(state.z)
        for _ in range(z.shape[-1]):
            z, slope = best_entry(objective, z, slope=slope)
        return State(z)

    def solution(self, state: State) -> Tensor:
        return state.z


def _refusal_of_terms(problem: Problem) -> Refuse | None:
    """Say which term or set joins entries, so that one of them cannot move alone."""
    if problem.magnitudes is not None:
        refusal = refusal_of_sets(problem, "a move along an entry")
        cone = all(part.kind in ("free", "orthant") for part in problem.sets)
        reason = f"{problem.name} has bounds besides its sign"
        return refusal or (None if cone else Refuse(reason))
    refusal = refusal_of_proximal(problem)
    if refusal is not None:
        return refusal
    part = next((p for p in problem.sets if p.kind not in ("free", "orthant", "box")), None)
    if part is not None:
        return Refuse(f"the set of `{part.name}`, which is {part.text}, joins its entries")
    term = next((term for term in problem.rough if term.acts != "entries"), None)
    if term is not None:
        return Refuse(f"`{term.text}` joins the entries that it is about", term.span)
    return None


def _kink(problem: Problem) -> str:
    if problem.magnitudes is not None:
        return "a weighted absolute value"
    return "a kink with a prox" if problem.rough else "nothing else"
