"""`infer z by sample`: a draw from the posterior, exact or by a Markov chain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, final

import torch

from ebmdsl.concepts.blocks import blocks_of
from ebmdsl.concepts.sampling import walk
from ebmdsl.lower.elimination import Elimination, settled
from ebmdsl.plan.draw import heated

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.check.model import Model
    from ebmdsl.concepts.blocks import Block
    from ebmdsl.concepts.kinds import Sampler
    from ebmdsl.lower.elimination import Asked, Values
    from ebmdsl.lower.loop import Solution
    from ebmdsl.lower.objective import Objective
    from ebmdsl.plan.plan import Eliminate


@final
class Drawing(Elimination):
    """A draw of the latents, constant in every loss.

    A chain starts where the file says, else at a random point; all steps of its kernel are
    taken before the point counts.
    """

    def __init__(self, step: Eliminate, model: Model) -> None:
        Elimination.__init__(self, step, model)
        self._blocks: tuple[Block, ...] | None = None

    @torch.no_grad()
    def find(self, values: Values, *, samples: int, like: Tensor, asked: Asked) -> Solution:
        """Return one draw for every sample; it proves nothing and needs no search."""
        start = self.start(values, samples, like=like)
        rng = asked.randomness.stream(f"sample {', '.join(self.step.names)}")
        if self.step.sampler is not None and self.step.start is None:
            start = scattered(self.objective(values, start), start, rng=rng)
        if self.step.marginalizer is not None or self.step.sampler is None:
            return settled(self.moved(values, start, rng=rng))
        objective = self.objective(values, start)
        chain = walk(self.sampler(values), objective, start=start, rng=rng)
        return replace(settled(chain.z), accepted=chain.accepted)

    def objective(self, values: Values, like: Tensor) -> Objective:
        """Return what is sampled: the energy of the latents, given everything else."""
        found = self.reduced.objective(values, like)
        if self.step.sampler is None or not found.sites or self.step.problem is None:
            return found
        if self._blocks is None:
            self._blocks = blocks_of(found.sites, self.step.problem)
        return replace(found, blocks=self._blocks)

    def moved(self, values: Values, start: Tensor, *, rng: Any) -> Tensor:
        """Return exact draws, or where all steps of the kernel lead from a start, [n, d]."""
        objective, exact = self.objective(values, start), self.step.marginalizer
        if exact is not None:
            return exact.draw(objective, start, beta=self.beta(values), rng=rng)
        return walk(self.sampler(values), objective, start=start, rng=rng).z

    def sampler(self, values: Values) -> Sampler:
        """Return the kernel at the temperature of this step."""
        assert self.step.sampler is not None
        if self.step.annealed is None:
            return self.step.sampler
        return heated(self.step.sampler, self.beta(values))


def scattered(objective: Objective, like: Tensor, *, rng: Any) -> Tensor:
    """Return random points of a domain, [n, d]: any values, or normal ones brought inside."""
    n, kind = like.shape[0], like.dtype
    z = torch.randn(like.shape, generator=rng, dtype=kind, device=rng.device).to(like)
    for site in objective.sites:
        index = torch.randint(len(site.values), (n,), generator=rng, device=rng.device)
        z[:, site.columns] = site.values.to(like)[index.to(like.device)]
    return objective.clip(z)
