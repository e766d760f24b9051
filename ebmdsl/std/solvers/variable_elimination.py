"""`variable_elimination`: minimize over discrete entries one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.buckets import Least, picked, swept
from ebmdsl.concepts.factors import factors_of, point_of
from ebmdsl.concepts.interactions import verdict
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Budget, Course

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


class State(NamedTuple):
    """The best state of every sample."""

    z: Tensor


@final
@concept("variable_elimination")
class VariableElimination(Solver):
    r"""The best of all states, by removing one discrete entry at a time: exact.

    Removing an entry keeps, for all values of the entries that it meets, the least energy;
    the best values are read off on the way back. For a chain that is Viterbi's algorithm.

    References: Viterbi 1967, doi:10.1109/TIT.1967.1054010; Dechter 1999,
    doi:10.1016/S0004-3702(99)00059-4
    """

    @property
    def budget(self) -> Budget:
        return Budget(Course.EXACT)

    def accepts(self, problem: Problem) -> Verdict:
        return verdict(problem)

    def init(self, objective: Objective, start: Tensor) -> State:
        value, buckets = swept(factors_of(objective, self.word), Least())
        best = point_of(objective, picked(buckets, Least(), samples=len(start)), like=start)
        value = value.expand(len(start)).unsqueeze(-1)
        return State(torch.where(value.isnan(), torch.nan, best))

    def step(self, objective: Objective, state: State) -> State:
        del objective
        return state

    def solution(self, state: State) -> Tensor:
        return state.z
