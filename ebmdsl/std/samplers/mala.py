"""`mala`: noisy steps down the energy, each accepted or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Sampler
from ebmdsl.concepts.problem import Accept
from ebmdsl.concepts.sampling import (
    Chain,
    Draws,
    begin,
    chosen,
    outside,
    refusal_of_slope,
    sound,
)

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict
    from ebmdsl.concepts.sampling import Noise


@final
@concept("mala")
class Mala(Sampler):
    r"""Langevin steps that are accepted or refused, so that the law is exact.

    $z' = z - \eta \nabla E(z) + \sqrt{2 \eta T}\, \xi$ is accepted with probability
    $\min(1, \exp((E(z) - E(z')) / T)\; q(z \mid z') / q(z' \mid z))$, where
    $\log q(z' \mid z) = -\lVert z' - z + \eta \nabla E(z) \rVert^2 / (4 \eta T)$. `rate` is
    $\eta$ and `temperature` is T; a rate is good where about 57% are accepted. Chains are
    [n, d]; a step draws d normal numbers and a uniform one for each.

    >>> from ebmdsl.lower.objective import Objective, Smooth
    >>> from ebmdsl.concepts.sampling import walk
    >>> import torch
    >>> bowl = Objective(smooth_part=Smooth(lambda z: (z**2).sum(-1) / 2))
    >>> rng = torch.Generator().manual_seed(0)
    >>> start = torch.zeros(5000, 2)
    >>> walk(Mala(steps=50), bowl, start=start, rng=rng).z.var().round(decimals=1)
    tensor(1.)

    References: Roberts & Tweedie 1996, doi:10.2307/3318418; Roberts & Rosenthal 1998,
    doi:10.1111/1467-9868.00123
    """

    steps: int = 60
    rate: float = 0.1
    temperature: float = 1.0

    def __post_init__(self) -> None:
        sound(self.steps, rate=self.rate, temperature=self.temperature)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_slope(problem, "a Langevin step")
        if refusal is not None:
            return refusal
        cost = self.steps * (problem.gradient + problem.evaluation)
        return Accept(max(cost, 1.0), "a noisy gradient step, accepted or not", "acceptance")

    def draws(self, objective: Objective, size: int) -> Draws:
        del objective
        return Draws(normal=size, uniform=1)

    def start(self, objective: Objective, z: Tensor) -> Chain:
        return begin(objective, z, slope=True)

    def step(self, objective: Objective, chain: Chain, *, noise: Noise) -> Chain:
        scale = (2 * self.rate * self.temperature) ** 0.5
        z = chain.z - self.rate * chain.slope + scale * noise.normal
        there = self.start(objective, z)
        back = (chain.z - z + self.rate * there.slope) / scale
        gain = (chain.energy - there.energy) / self.temperature
        gain = gain + ((noise.normal**2).sum(-1) - (back**2).sum(-1)) / 2
        gain = torch.where(outside(objective, z).any(-1), -torch.inf, gain)
        return chosen(chain, there, gain=gain, uniform=noise.uniform[:, 0])
