"""`exhaustive`: look at every state of a discrete latent."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, ClassVar, NamedTuple, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Budget, Course, Refuse

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Quadratic, Verdict


class State(NamedTuple):
    """The best state of every sample."""

    z: Tensor


@final
@concept("exhaustive")
class Exhaustive(Solver):
    r"""The best of all states, found by looking at every one: exact.

    For a quadratic energy all states of all samples are one matrix product,
    $E_v = c - b^\top v + \tfrac12 v^\top Q v$; for a one-hot latent that is
    $E_k = c - b_k + \tfrac12 Q_{kk}$, the distance table of k-means.

    References: Lloyd 1982, doi:10.1109/TIT.1982.1056489
    """

    most: ClassVar[int] = 2**20
    together: ClassVar[int] = 4096

    @property
    def budget(self) -> Budget:
        return Budget(Course.EXACT)

    def accepts(self, problem: Problem) -> Verdict:
        if problem.states is None:
            return Refuse(f"{problem.name} can take infinitely many values")
        if problem.states > self.most:
            return Refuse(f"{problem.name} has {_count(problem.states)} joint states, too many")
        each = problem.size if problem.quadratic else problem.evaluation
        return Accept(
            cost=float(problem.states) * each,
            reason=f"all {problem.states} states of {problem.name} are compared",
            certificate="exact: every state was seen",
        )

    def init(self, objective: Objective, start: Tensor) -> State:
        states = objective.states
        if states is None:
            raise TypeError("`exhaustive` was planned for a latent that is not discrete")
        points = states.points.to(start.dtype)
        best, least = torch.zeros_like(start[:, 0]).long(), torch.full_like(start[:, 0], inf)
        for first in range(0, points.shape[0], self.together):
            chunk = slice(first, first + self.together)
            energies = _energies(objective, start, chunk=chunk)
            found = energies.amin(-1)
            better = ~(found >= least)
            best = torch.where(better, energies.argmin(-1) + first, best)
            least = torch.where(better, found, least)
        return State(torch.where(least.isnan().unsqueeze(-1), torch.nan, points[best]))

    def step(self, objective: Objective, state: State) -> State:
        del objective
        return state

    def solution(self, state: State) -> Tensor:
        return state.z


def _energies(objective: Objective, start: Tensor, *, chunk: slice) -> Tensor:
    """Return the energies of some states for every sample, [n, states]."""
    states, quadratic = objective.states, objective.quadratic
    if states is None:
        return start
    points = states.points[chunk].to(start.dtype)
    if quadratic is None:
        values = [
            objective.smooth(_all(start, v)) + objective.rough(_all(start, v)) for v in points
        ]
        return torch.stack(values, -1)
    rough = [objective.rough(_all(start, v)) for v in points] if objective.is_rough else []
    smooth = _table(quadratic, points, axes=chunk if states.axes else None)
    return smooth + torch.stack(rough, -1) if rough else smooth


def _all(start: Tensor, point: Tensor) -> Tensor:
    return point.expand_as(start)


def _table(quadratic: Quadratic, points: Tensor, *, axes: slice | None) -> Tensor:
    matrix, linear = quadratic.hessian.tensor, quadratic.linear
    if axes is not None:
        curved = matrix.diagonal(dim1=-2, dim2=-1)[..., axes] / 2
        return curved - linear[:, axes] + quadratic.constant.unsqueeze(-1)
    curved = ((points @ matrix) * points).sum(-1) / 2
    return curved - linear @ points.T + quadratic.constant.unsqueeze(-1)


def _count(states: int) -> str:
    return str(states) if states < 10**9 else f"2^{states.bit_length() - 1}"
