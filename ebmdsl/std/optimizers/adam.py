"""`adam`: gradient descent with a step for every entry."""

from __future__ import annotations

from typing import Any, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Optimizer, Schedule


@final
@concept("adam")
class Adam(Optimizer):
    r"""Gradient descent with a step for every entry.

    The step is $\eta\, \hat m / (\sqrt{\hat v} + \epsilon)$, where $\hat m$ and $\hat v$ are
    running means of the gradient and its square, free of bias. Fused: all parameters move
    in one pass, which is worth a tenth of a small step.

    References: Kingma & Ba 2015, arXiv:1412.6980
    """

    rate: float | Schedule = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8

    def __post_init__(self) -> None:
        if isinstance(self.rate, int | float) and self.rate <= 0:
            raise ValueError(f"`rate` is above zero, not {self.rate:g}")
        for name, kept in (("beta1", self.beta1), ("beta2", self.beta2)):
            if not 0 <= kept < 1:
                raise ValueError(f"`{name}` lies from 0 to below 1, not at {kept:g}")

    def build(self, parameters: Any) -> Any:
        """Return torch's own, fused."""
        rate, betas = self.rate_at(0, 1), (self.beta1, self.beta2)
        return torch.optim.Adam(parameters, lr=rate, betas=betas, eps=self.eps, fused=True)
