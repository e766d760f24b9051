"""`icm`: iterated conditional modes of discrete latents."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING, ClassVar, NamedTuple, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Budget, Course, Refuse

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict
    from ebmdsl.concepts.sampling import Site


class State(NamedTuple):
    """The point."""

    z: Tensor


@final
@concept("icm")
class Icm(Solver):
    """Iterated conditional modes: one discrete entry after the other at its best value.

    Every entry takes the value of least energy while all others rest, again and again until
    no single change lowers the energy. The answer is a local one: two changes at once may
    lower it. A step is a sweep over all entries.

    References: Besag 1986, doi:10.1111/j.2517-6161.1986.tb01412.x
    """

    steps: int = 50
    tol: float | None = None

    expected: ClassVar[int] = 10

    def __post_init__(self) -> None:
        _ = self.budget  # which refuses what no run can have

    @property
    def budget(self) -> Budget:
        return Budget(Course.CERTIFIED, self.steps, self.tol)

    def accepts(self, problem: Problem) -> Verdict:
        if problem.states is None:
            return Refuse(f"{problem.name} can take infinitely many values")
        each = exp(log(max(problem.states, 2)) / problem.size)
        return Accept(
            cost=self.expected * problem.size * each * problem.evaluation,
            reason=f"about {self.expected} sweeps over the entries of {problem.name}, each at "
            "its best value while the others rest; which minimum is found is not proved",
            certificate="no change of a single entry lowers the energy; a local answer",
            local=True,
        )

    def init(self, objective: Objective, start: Tensor) -> State:
        return State(_sweep(objective, start))

    def step(self, objective: Objective, state: State) -> State:
        return State(_sweep(objective, state.z))

    def solution(self, state: State) -> Tensor:
        return state.z


def _sweep(objective: Objective, z: Tensor) -> Tensor:
    """Put every entry at its best value in its turn; a value that is as good stays."""
    for site in objective.sites:
        z = _best(objective, z, site=site)
    return z


def _best(objective: Objective, z: Tensor, *, site: Site) -> Tensor:
    best, least = z, None
    valid = (z[:, site.columns].unsqueeze(1) == site.values.to(z)).all(-1).any(-1)
    for value in site.values.to(z):
        moved = torch.cat(
            [z[:, : site.columns.start], value.expand(len(z), -1), z[:, site.columns.stop :]], 1
        )
        energy = objective.smooth(moved) + objective.rough(moved)
        if least is None:
            kept = objective.smooth(z) + objective.rough(z)
            least = torch.where(valid, kept, torch.inf)
        better = energy < least
        best = torch.where(better.unsqueeze(-1), moved, best)
        least = torch.where(better, energy, least)
    return best
