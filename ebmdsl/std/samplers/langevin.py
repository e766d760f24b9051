"""`langevin`: noisy steps down the energy."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Sampler
from ebmdsl.concepts.problem import Accept
from ebmdsl.concepts.sampling import (
    Blind,
    Chain,
    Draws,
    begin,
    folded,
    refusal_of_slope,
    sound,
)

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict
    from ebmdsl.concepts.sampling import Noise


@final
@concept("langevin")
class Langevin(Sampler, Blind):
    r"""Noisy steps down the energy, none of them refused: its law is near the one asked for.

    $z \leftarrow z - \eta \nabla E(z) + \sqrt{2 \eta T}\, \xi$: `rate` is $\eta$,
    `temperature` is T and $\xi$ standard normal. With $\eta$ small the law of the chain is
    near $\exp(-E / T)$: over $E = \lambda z^2 / 2$ its variance is
    $(T / \lambda) / (1 - \eta \lambda / 2)$ instead of $T / \lambda$. What steps over the
    border of the domain is reflected there. Chains are [n, d], and d normal numbers are drawn
    for each in a step.

    >>> from ebmdsl.lower.objective import Objective, Smooth
    >>> from ebmdsl.concepts.sampling import walk
    >>> import torch
    >>> bowl = Objective(smooth_part=Smooth(lambda z: (z**2).sum(-1) / 2))
    >>> rng = torch.Generator().manual_seed(0)
    >>> start = torch.zeros(5000, 2)
    >>> walk(Langevin(steps=500), bowl, start=start, rng=rng).z.var().round(decimals=1)
    tensor(1.)

    References: Roberts & Tweedie 1996, doi:10.2307/3318418
    """

    steps: int = 60
    rate: float = 0.01
    temperature: float = 1.0

    def __post_init__(self) -> None:
        sound(self.steps, rate=self.rate, temperature=self.temperature)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_slope(problem, "a Langevin step")
        if refusal is not None:
            return refusal
        cost = self.steps * (problem.gradient + problem.evaluation)
        bias = "none: nothing is refused, so the law is off by what the rate makes of it"
        return Accept(max(cost, 1.0), "a noisy gradient step", bias)

    def draws(self, objective: Objective, size: int) -> Draws:
        del objective
        return Draws(normal=size)

    def start(self, objective: Objective, z: Tensor) -> Chain:
        return begin(objective, z)

    def step(self, objective: Objective, chain: Chain, *, noise: Noise) -> Chain:
        z, scale = chain.z, (2 * self.rate * self.temperature) ** 0.5
        moved = z - self.rate * objective.gradient(z) + scale * noise.normal
        z = folded(objective, moved)
        return chain._replace(z=z, energy=torch.full_like(chain.energy, torch.nan))
