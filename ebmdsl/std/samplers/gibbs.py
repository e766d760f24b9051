"""`gibbs`: one entry after the other, drawn anew given all others."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Sampler
from ebmdsl.concepts.problem import Accept, Refuse
from ebmdsl.concepts.sampling import Adaptive, Chain, Draws, begin, energy_of, sound

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict
    from ebmdsl.concepts.sampling import Noise, Site


@final
@concept("gibbs")
class Gibbs(Sampler, Adaptive):
    r"""One entry after the other is drawn anew, given all others: exact, nothing is refused.

    $p(z_i = v \mid z_{-i}) = \exp(-E(z_i = v) / T) / \sum_u \exp(-E(z_i = u) / T)$, for the
    entries of binary, spin, one-hot and token variables in the order of their places. One
    step is one sweep over all entries; T is the `temperature`. Chains are [n, d]; a step draws
    a uniform number for each entry.

    >>> from ebmdsl.lower.objective import Objective, Smooth
    >>> from ebmdsl.concepts.domain import Domain
    >>> from ebmdsl.concepts.sampling import sites_of, walk
    >>> import torch
    >>> spins = sites_of(Domain("spin"), (2,))
    >>> pair = Objective(smooth_part=Smooth(lambda z: -z[:, 0] * z[:, 1]), sites=spins)
    >>> rng = torch.Generator().manual_seed(0)
    >>> z = walk(Gibbs(steps=20), pair, start=torch.ones(5000, 2), rng=rng).z
    >>> z.prod(-1).mean().round(decimals=2), torch.tensor(1.0).tanh().round(decimals=2)
    (tensor(0.7600), tensor(0.7600))

    References: Geman & Geman 1984, doi:10.1109/TPAMI.1984.4767596
    """

    steps: int = 10
    temperature: float = 1.0

    discrete: ClassVar[bool] = True

    def __post_init__(self) -> None:
        sound(self.steps, temperature=self.temperature)

    def accepts(self, problem: Problem) -> Verdict:
        if problem.states is None:
            return Refuse(
                f"{problem.name} can take infinitely many values; a draw given all other "
                "entries needs a list of them"
            )
        count = _count(problem)
        cost = self.steps * count * problem.evaluation
        reason = f"{count:.0f} energies a sweep over the entries of {problem.name}"
        return Accept(max(cost, 1.0), reason, "every entry is drawn from its exact law")

    def planned(self, problem: Problem) -> Sampler:
        del problem
        return replace(self, steps=50)

    def draws(self, objective: Objective, size: int) -> Draws:
        del size
        return Draws(uniform=len(objective.sites))

    def start(self, objective: Objective, z: Tensor) -> Chain:
        return begin(objective, z)

    def step(self, objective: Objective, chain: Chain, *, noise: Noise) -> Chain:
        for site, uniform in zip(objective.sites, noise.uniform.unbind(-1), strict=True):
            chain = self._drawn(objective, chain, site=site, uniform=uniform)
        return chain

    def _drawn(
        self, objective: Objective, chain: Chain, *, site: Site, uniform: Tensor
    ) -> Chain:
        """Draw one entry; the value it has counts first, so its energy is known already."""
        now, count = site.index(chain.z), len(site.values)
        others = [site.put(chain.z, (now + by) % count) for by in range(1, count)]
        energies = torch.stack(
            [chain.energy, *(energy_of(objective, z) for z in others)], dim=-1
        )
        below = (-energies / self.temperature).softmax(-1).cumsum(-1) <= uniform.unsqueeze(-1)
        by = below.sum(-1).clamp(max=count - 1)
        energy = energies.gather(-1, by.unsqueeze(-1)).squeeze(-1)
        z = site.put(chain.z, (now + by) % count)
        stays = (by == 0).unsqueeze(-1)
        return chain._replace(z=torch.where(stays, chain.z, z), energy=energy)


def _count(problem: Problem) -> float:
    """Return how many energies a sweep needs: one for every other value of every entry."""
    states = max(problem.states or 1, 1)
    if problem.domain in ("onehot", "mixed"):
        return float(problem.size)
    return max(problem.size * (exp(log(states) / max(problem.size, 1)) - 1), 1.0)
