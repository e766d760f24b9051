"""`infer z by sample`: a draw from the posterior, exact or by a Markov chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import torch

from ebmdsl.lower.elimination import Elimination, settled

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.lower.elimination import Asked, Values
    from ebmdsl.lower.loop import Solution


@final
class Drawing(Elimination):
    """A draw of the latents, constant in every loss."""

    @torch.no_grad()
    def find(self, values: Values, *, samples: int, like: Tensor, asked: Asked) -> Solution:
        """Return one draw for every sample; it proves nothing and needs no search."""
        start = self.start(values, samples, like=like)
        rng = asked.randomness.stream(f"sample {', '.join(self.step.names)}")
        objective = self.reduced.objective(values, start)
        assert self.step.marginalizer is not None
        beta = self.step.beta
        return settled(self.step.marginalizer.draw(objective, start, beta=beta, rng=rng))
