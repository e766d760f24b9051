"""`sgd`: stochastic gradient descent."""

from __future__ import annotations

from typing import Any, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Optimizer, Schedule


@final
@concept("sgd")
class Sgd(Optimizer):
    r"""Stochastic gradient descent.

    $\theta \leftarrow \theta - \eta v$ with $v \leftarrow \mu v + g$.

    References: Robbins & Monro 1951, doi:10.1214/aoms/1177729586; Polyak 1964,
    doi:10.1016/0041-5553(64)90137-5
    """

    rate: float | Schedule
    momentum: float | Schedule = 0.0

    def __post_init__(self) -> None:
        if isinstance(self.rate, int | float) and self.rate <= 0:
            raise ValueError(f"`rate` is above zero, not {self.rate:g}")
        if isinstance(self.momentum, int | float) and not 0 <= self.momentum < 1:
            raise ValueError(f"`momentum` lies from 0 to below 1, not at {self.momentum:g}")

    def build(self, parameters: Any) -> Any:
        """Return torch's own, fused where there is a momentum to keep."""
        start: Any = self.options_at(0, 1)
        return torch.optim.SGD(parameters, fused=self.momentum != 0, **start)

    def options_at(self, step: int, steps: int) -> dict[str, float]:
        """Return the learning rate and the momentum at a step."""
        kept = self.momentum
        momentum = kept.at(step, steps) if isinstance(kept, Schedule) else kept
        return {"lr": self.rate_at(step, steps), "momentum": momentum}
