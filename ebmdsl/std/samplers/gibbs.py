"""`gibbs`: every entry drawn anew given all others, block by block."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.blocks import alone, sweep
from ebmdsl.concepts.kinds import Sampler
from ebmdsl.concepts.problem import Accept, Refuse
from ebmdsl.concepts.sampling import Adaptive, Chain, Draws, begin, energy_of, sound

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.blocks import Block
    from ebmdsl.concepts.problem import Objective, Problem, Verdict
    from ebmdsl.concepts.sampling import Noise


@final
@concept("gibbs")
class Gibbs(Sampler, Adaptive):
    r"""Every entry is drawn anew, given all others: exact, nothing is refused.

    $p(z_i = v \mid z_{-i}) = \exp(-E(z_i = v) / T) / \sum_u \exp(-E(z_i = u) / T)$, for the
    entries of binary, spin, one-hot and token variables. One step is one sweep over all
    entries; T is the `temperature`. Entries that are known not to meet in the energy are drawn
    together, in as many blocks as it takes to color the graph of those that do: two for a grid
    or for two layers. Chains are [n, d]; a step draws a uniform number for each entry.

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
        count, way = sweep(problem)
        cost = self.steps * count * problem.evaluation
        reason = f"{way} a sweep over the entries of {problem.name}"
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
        blocks = objective.blocks or alone(objective.sites)
        sizes = [len(block.columns) for block in blocks]
        for block, uniform in zip(blocks, noise.uniform.split(sizes, -1), strict=True):
            chain = self._drawn(objective, chain, block=block, uniform=uniform)
        if bool(chain.energy.isfinite().all()):
            return chain
        return chain._replace(energy=energy_of(objective, chain.z))

    def shares(self, objective: Objective, chain: Chain, *, block: Block) -> Tensor:
        """Return the probability of every value of every entry of a block, [n, m, k]."""
        energies = block.energies(objective, chain)
        return (-energies / self.temperature).softmax(-1)

    def _drawn(
        self, objective: Objective, chain: Chain, *, block: Block, uniform: Tensor
    ) -> Chain:
        """Draw the entries of a block, all at once; they add up in the energy."""
        now, energies = block.index(chain.z), block.energies(objective, chain)
        below = (-energies / self.temperature).softmax(-1).cumsum(-1) <= uniform.unsqueeze(-1)
        index = below.sum(-1).clamp(max=len(block.values) - 1)
        index = torch.where(energies.isnan().any(-1), now, index)
        pair = torch.stack([now, index], -1)
        old, new = energies.gather(-1, pair).unbind(-1)
        energy = chain.energy + (new - old).sum(-1)
        values = block.values.to(chain.z)[index]
        return chain._replace(z=block.put(chain.z, values), energy=energy)
