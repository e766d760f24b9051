"""`exhaustive_sum`: add up every state of discrete latents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.marginals import Completions, Marginal, Marginalizer
from ebmdsl.concepts.problem import Accept, Refuse
from ebmdsl.concepts.sampling import energy_of

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, States, Verdict


@final
@concept("exhaustive_sum")
class ExhaustiveSum(Marginalizer):
    r"""The sum over all states of discrete latents: exact.

    $F = -\tfrac1\beta \log \sum_z e^{-\beta E(z)}$, and the posterior is the softmax of $-\beta
    E$ over the states; a draw picks one of them.

    References: LeCun et al. 2006, A tutorial on energy-based learning, section 2.1
    """

    draws: ClassVar[bool] = True
    completes: ClassVar[bool] = True
    most: ClassVar[int] = 2**20
    together: ClassVar[int] = 2**22
    one_by_one: ClassVar[int] = 32

    def accepts(self, problem: Problem) -> Verdict:
        if problem.states is None:
            return Refuse(f"{problem.name} can take infinitely many values")
        if problem.states > self.most:
            return Refuse(f"{problem.name} has {_count(problem.states)} states, too many")
        return Accept(
            cost=float(problem.states) * problem.evaluation,
            reason=f"{problem.states} states are few enough to add up",
            certificate="exact",
        )

    def marginal(
        self, objective: Objective, like: Tensor, *, beta: float, rng: Any
    ) -> Marginal:
        del rng
        states = _states(objective)
        logits = -beta * self._energies(objective, like)
        mean = torch.softmax(logits, -1) @ states.points.to(like)
        value = -torch.logsumexp(logits, -1) / beta
        return Marginal(value, mean, torch.zeros_like(value))

    def draw(self, objective: Objective, like: Tensor, *, beta: float, rng: Any) -> Tensor:
        logits = -beta * self._energies(objective, like)
        chosen = torch.multinomial(torch.softmax(logits, -1), 1, generator=rng)[:, 0]
        return _states(objective).points.to(like)[chosen]

    def completions(self, objective: Objective, like: Tensor, *, beta: float) -> Completions:
        """Return every state with its probability."""
        points = _states(objective).points.to(like)
        weights = torch.softmax(-beta * self._energies(objective, like), -1)
        return Completions(points.expand(like.shape[0], *points.shape), weights)

    def _energies(self, objective: Objective, like: Tensor) -> Tensor:
        """Return the energy of every state for every sample, [n, states], in chunks."""
        points, n = _states(objective).points.to(like), like.shape[0]
        if len(points) <= self.one_by_one:
            return torch.stack([objective.at(point, samples=n) for point in points], 1)
        step = max(1, self.together // max(n, 1))
        chunks = [points[low : low + step] for low in range(0, len(points), step)]
        return torch.cat([_chunk(objective, chunk, n=n) for chunk in chunks], 1)


def _states(objective: Objective) -> States:
    if objective.states is None:
        raise TypeError("`exhaustive_sum` was planned for a latent that is not discrete")
    return objective.states


def _chunk(objective: Objective, points: Tensor, *, n: int) -> Tensor:
    k = len(points)
    index = torch.arange(n, device=points.device).repeat_interleave(k)
    return energy_of(objective.rows(index), points.repeat(n, 1)).reshape(n, k)


def _count(states: int) -> str:
    return str(states) if states < 1e9 else f"about 10^{len(str(states)) - 1}"
