"""`prox`: the proximal point itself, where the smooth part is round or its entries apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Budget, Course, Refuse
from ebmdsl.concepts.stepping import refusal_of_proximal

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


class State(NamedTuple):
    """The minimizer of every sample."""

    z: Tensor


@final
@concept("prox")
class Prox(Solver):
    r"""The minimum in one step, the proximal point: exact even for terms that are not convex.

    Where the smooth part is $\tfrac{c}{2} \lVert z - z_0 \rVert^2$ up to a constant, its sum
    with g has the minimum $\mathrm{prox}_{g/c}(z_0)$: the singular value threshold for the
    nuclear norm, the hard threshold for `l0`, the projection for a set. Where neither part
    joins entries, c may differ from entry to entry.

    References: Moreau 1965, doi:10.24033/bsmf.1625; Parikh & Boyd 2014,
    doi:10.1561/2400000003
    """

    @property
    def budget(self) -> Budget:
        return Budget(Course.DIRECT)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_proximal(problem)
        if refusal is not None:
            return refusal
        if problem.free and not problem.rough and problem.has_matrix:
            return Refuse("there is no kink and no bound: a linear system gives the minimum")
        if not problem.quadratic or not problem.smooth.convex:
            return Refuse(f"the smooth part is not proved a convex quadratic in {problem.name}")
        if not _is_apart(problem) and (not problem.isotropic or len(problem.sets) > 1):
            return Refuse(
                f"the smooth part does not bend alike in all directions of {problem.name}"
            )
        return Accept(
            cost=9.0 * problem.evaluation + 8.0 * problem.size,
            reason="the smooth part is a squared distance to a point: the minimum is the "
            "proximal point there, in one step",
            certificate="relative length of a gradient step",
        )

    def init(self, objective: Objective, start: Tensor) -> State:
        origin = torch.zeros_like(start)
        slope = objective.gradient(origin)
        curve = objective.gradient(torch.ones_like(start)) - slope
        if objective.is_separable:
            return State(objective.entries(-slope / curve, 1 / curve))
        curve = curve.mean(-1, keepdim=True)
        return State(objective.prox(-slope / curve, 1 / curve))

    def step(self, objective: Objective, state: State) -> State:
        del objective
        return state

    def solution(self, state: State) -> Tensor:
        return state.z


def _is_apart(problem: Problem) -> bool:
    """Tell whether neither the smooth part nor terms or sets join entries."""
    terms = all(term.acts == "entries" for term in problem.rough)
    return problem.smooth.block <= Block.SEPARABLE and terms and problem.boxed
