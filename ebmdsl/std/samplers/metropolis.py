"""`metropolis`: a random walk whose steps are accepted or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Sampler
from ebmdsl.concepts.problem import Accept
from ebmdsl.concepts.sampling import (
    Adaptive,
    Chain,
    Draws,
    Pace,
    begin,
    chosen,
    outside,
    refusal_of_walk,
    share,
    sound,
)

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict
    from ebmdsl.concepts.sampling import Noise


LONGEST = 5000


@final
@concept("metropolis")
class Metropolis(Sampler, Adaptive):
    r"""A random walk whose steps are accepted or refused, so that the law is exact.

    $z' = z + s\, \xi$ is accepted with probability $\min(1, \exp((E(z) - E(z')) / T))$, and
    never outside of the domain. `scale` is s and `temperature` is T; no derivative is needed,
    so the energy may have kinks and jumps. In d dimensions a good scale is about
    $2.4 / \sqrt{d}$ standard deviations. With `accept` each chain finds its own scale by dual
    averaging, so that this share is accepted: during its first `warm` steps, whose points are
    not yet from the law. Chains are [n, d]; a step draws d normal numbers and a uniform one
    for each.

    >>> from ebmdsl.lower.objective import Objective, Smooth
    >>> from ebmdsl.concepts.sampling import walk
    >>> import torch
    >>> tent = Objective(smooth_part=Smooth(lambda z: 2**0.5 * z.abs().sum(-1)))
    >>> rng = torch.Generator().manual_seed(0)
    >>> start = torch.zeros(5000, 1)
    >>> walk(Metropolis(), tent, start=start, rng=rng).z.var().round(decimals=1)
    tensor(1.)

    References: Metropolis, Rosenbluth, Rosenbluth, Teller & Teller 1953,
    doi:10.1063/1.1699114; Roberts, Gelman & Gilks 1997, doi:10.1214/aoap/1034625254
    """

    steps: int = 100
    scale: float = 1.0
    temperature: float = 1.0
    accept: float | None = None
    warm: int = 100

    def __post_init__(self) -> None:
        sound(self.steps, scale=self.scale, temperature=self.temperature, warm=self.warm)
        share(self.accept)

    @property
    def pace(self) -> Pace:
        """Return how long its steps are."""
        return Pace(self.scale, self.accept, self.warm)

    def planned(self, problem: Problem) -> Sampler:
        steps = min(100 + 400 * problem.size, LONGEST)
        return replace(self, steps=steps, accept=0.35, warm=100)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_walk(problem, "a random walk")
        if refusal is not None:
            return refusal
        cost = self.steps * (problem.evaluation + 2.0 * problem.size)
        return Accept(max(cost, 1.0), "a random step, accepted or not", "acceptance")

    def draws(self, objective: Objective, size: int) -> Draws:
        del objective
        return Draws(normal=size, uniform=1)

    def start(self, objective: Objective, z: Tensor) -> Chain:
        return begin(objective, z)._replace(tuning=self.pace.begin(z))

    def step(self, objective: Objective, chain: Chain, *, noise: Noise) -> Chain:
        length = self.pace.length(chain.tuning)
        there = begin(objective, chain.z + length * noise.normal)
        gain = (chain.energy - there.energy) / self.temperature
        gain = torch.where(outside(objective, there.z).any(-1), -torch.inf, gain)
        taken = chosen(chain, there, gain=gain, uniform=noise.uniform[:, 0])
        return taken._replace(tuning=self.pace.after(taken))
