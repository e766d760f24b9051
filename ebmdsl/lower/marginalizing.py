"""`infer z by marginalize`: latents summed or integrated out, differentiably."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import torch

from ebmdsl.lower.elimination import Elimination, settled

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.marginals import Marginal
    from ebmdsl.lower.elimination import Asked, Values
    from ebmdsl.lower.loop import Solution


@final
class Marginalizing(Elimination):
    """A sum or an integral; the latent's value is its posterior mean, a constant."""

    @torch.no_grad()
    def find(self, values: Values, *, samples: int, like: Tensor, asked: Asked) -> Solution:
        """Return the posterior mean of every sample."""
        start = self.start(values, samples, like=like)
        return settled(self._marginal(values, start, asked=asked).mean)

    def value(self, values: Values, point: Tensor, *, asked: Asked) -> Tensor | None:
        """Return F, differentiable in the parameters."""
        return self._marginal(values, point, asked=asked).value

    def _marginal(self, values: Values, like: Tensor, *, asked: Asked) -> Marginal:
        assert self.step.marginalizer is not None
        objective = self.reduced.objective(values, like, live=torch.is_grad_enabled())
        rng = asked.randomness.stream(f"marginalize {', '.join(self.step.names)}")
        beta = self.step.beta
        return self.step.marginalizer.marginal(objective, like, beta=beta, rng=rng)
