"""`hmc`: long moves along the energy surface, each accepted or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, final

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
    energy_of,
    outside,
    refusal_of_slope,
    share,
    sound,
)

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict
    from ebmdsl.concepts.sampling import Noise


class Phase(NamedTuple):
    """Place, momentum and slope, [n, d] each, and who has left the domain for good, [n]."""

    z: Tensor
    momentum: Tensor
    slope: Tensor
    lost: Tensor


def leapfrog(objective: Objective, phase: Phase, *, rate: Tensor, leaps: int) -> Phase:
    """Follow Newton's equations for some leaps of length `rate`, [n, 1].

    Turned round and followed again, it leads back. Walls of the domain reflect.
    """
    z, momentum, slope, lost = phase
    for _ in range(leaps):
        momentum = momentum - rate / 2 * slope
        z = z + rate * momentum
        beyond, wall = outside(objective, z), objective.clip(z)
        z = torch.where(beyond, 2 * wall - z, z)
        momentum = torch.where(beyond, -momentum, momentum)
        lost = lost | outside(objective, z).any(-1)
        slope = objective.gradient(z)
        momentum = momentum - rate / 2 * slope
    return Phase(z, momentum, slope, lost)


@final
@concept("hmc")
class Hmc(Sampler, Adaptive):
    r"""Hamiltonian Monte Carlo: long moves along the energy surface, each accepted or refused.

    With a momentum $p \sim \mathcal N(0, T)$, `leaps` times: $p \leftarrow p -
    \tfrac{\epsilon}{2} \nabla E(z)$, $z \leftarrow z + \epsilon p$, $p \leftarrow p -
    \tfrac{\epsilon}{2} \nabla E(z)$. The end is accepted with probability
    $\min(1, e^{-\Delta H / T})$, where $H = E(z) + \lVert p \rVert^2 / 2$; T is the
    `temperature`. Walls of the domain reflect. `rate` is $\epsilon$. With `accept` each chain
    finds its own by dual averaging, so that this share is accepted: during its first `warm`
    steps, whose points are not yet from the law. Chains are [n, d]; a step draws d normal
    numbers and a uniform one for each.

    >>> from ebmdsl.lower.objective import Objective, Smooth
    >>> from ebmdsl.concepts.sampling import walk
    >>> import torch
    >>> bowl = Objective(smooth_part=Smooth(lambda z: (z**2).sum(-1) / 2))
    >>> rng = torch.Generator().manual_seed(0)
    >>> start = torch.zeros(5000, 2)
    >>> walk(Hmc(steps=20), bowl, start=start, rng=rng).z.var().round(decimals=1)
    tensor(1.)

    References: Duane, Kennedy, Pendleton & Roweth 1987, doi:10.1016/0370-2693(87)91197-X;
    Neal 2011, arXiv:1206.1901; Hoffman & Gelman 2014, arXiv:1111.4246
    """

    steps: int = 10
    rate: float = 0.1
    leaps: int = 10
    temperature: float = 1.0
    accept: float | None = None
    warm: int = 100

    def __post_init__(self) -> None:
        above = {"rate": self.rate, "leaps": self.leaps, "temperature": self.temperature}
        sound(self.steps, **above, warm=self.warm)
        share(self.accept)

    @property
    def pace(self) -> Pace:
        """Return how long its leaps are."""
        return Pace(self.rate, self.accept, self.warm)

    def planned(self, problem: Problem) -> Sampler:
        del problem
        return replace(self, steps=100, accept=0.8, warm=60)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_slope(problem, "a leap along the energy")
        if refusal is not None:
            return refusal
        cost = self.steps * (self.leaps * problem.gradient + problem.evaluation)
        reason = f"{self.leaps} gradient steps with momentum, accepted or not"
        return Accept(max(cost, 1.0), reason, "acceptance")

    def draws(self, objective: Objective, size: int) -> Draws:
        del objective
        return Draws(normal=size, uniform=1)

    def start(self, objective: Objective, z: Tensor) -> Chain:
        return begin(objective, z, slope=True)._replace(tuning=self.pace.begin(z))

    def step(self, objective: Objective, chain: Chain, *, noise: Noise) -> Chain:
        momentum = self.temperature**0.5 * noise.normal
        nobody = torch.zeros_like(chain.energy, dtype=torch.bool)
        phase = Phase(chain.z, momentum, chain.slope, nobody)
        end = leapfrog(objective, phase, rate=self.pace.length(chain.tuning), leaps=self.leaps)
        there = chain._replace(z=end.z, energy=energy_of(objective, end.z), slope=end.slope)
        kinetic = (momentum**2 - end.momentum**2).sum(-1) / 2
        gain = (chain.energy - there.energy + kinetic) / self.temperature
        gain = torch.where(end.lost, -torch.inf, gain)
        taken = chosen(chain, there, gain=gain, uniform=noise.uniform[:, 0])
        return taken._replace(tuning=self.pace.after(taken))
