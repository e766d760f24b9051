"""`infer z by marginalize`: latents summed or integrated out, differentiably."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.lower.elimination import Elimination, settled

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.marginals import Completions, Marginal
    from ebmdsl.lower.elimination import Asked, Values
    from ebmdsl.lower.loop import Solution


@final
class Marginalizing(Elimination):
    """A sum or an integral; the latent's value is its posterior mean, a constant."""

    @torch.no_grad()
    def find(self, values: Values, *, samples: int, like: Tensor, asked: Asked) -> Solution:
        """Return the posterior mean of every sample; its certificate is the error of F."""
        start = self.start(values, samples, like=like)
        found = self._marginal(values, start, asked=asked)
        lost = found.value.isnan().unsqueeze(-1)
        mean = torch.where(lost, torch.nan, found.mean)
        return replace(settled(mean), certificate=found.error.double())

    def value(self, values: Values, point: Tensor, *, asked: Asked) -> Tensor | None:
        """Return F, differentiable in the parameters."""
        return self._marginal(values, point, asked=asked).value

    @torch.no_grad()
    def completions(self, values: Values, like: Tensor) -> Completions:
        """Return a few values of the latents that stand for their posterior."""
        assert self.step.marginalizer is not None
        objective = self.reduced.objective(values, like)
        return self.step.marginalizer.completions(objective, like, beta=self.beta(values))

    def _marginal(self, values: Values, like: Tensor, *, asked: Asked) -> Marginal:
        assert self.step.marginalizer is not None
        known = {name: x for name, x in values.items() if name not in self.step.names}
        objective = self.reduced.objective(known, like, live=torch.is_grad_enabled())
        rng = asked.randomness.stream(f"marginalize {', '.join(self.step.names)}")
        beta = self.beta(values)
        return self.step.marginalizer.marginal(objective, like, beta=beta, rng=rng)
