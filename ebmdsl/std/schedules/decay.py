"""`decay`: hyperbolic decay."""

from __future__ import annotations

from typing import final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Schedule


@final
@concept("decay")
class Decay(Schedule):
    r"""Hyperbolic decay, $\eta_t = \eta_0 / (1 + t / \tau)$.

    `over` is $\tau$, in steps; at most 1, it is a share of all steps (`over = 10%`).

    References: Robbins & Monro 1951, doi:10.1214/aoms/1177729586
    """

    rate: float
    over: float

    def __post_init__(self) -> None:
        if self.over <= 0:
            raise ValueError(f"`over` is above zero, not {self.over:g}")

    def at(self, step: int, steps: int) -> float:
        """Return the start over one plus the time in units of `over`."""
        span = self.over * steps if self.over <= 1 else self.over
        return self.rate / (1 + step / span)
