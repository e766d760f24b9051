"""`ramp`: straight line from one value to another, which then stays."""

from __future__ import annotations

from typing import final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Schedule


@final
@concept("ramp")
class Ramp(Schedule):
    r"""Straight line from one value to another, which then stays.

    `over` is the length in steps; at most 1, it is a share of all steps (`over = 10%`).

    References: Sønderby, Raiko, Maaløe, Sønderby & Winther 2016, arXiv:1602.02282
    """

    low: float
    high: float
    over: float = 1.0

    def __post_init__(self) -> None:
        if self.over < 0:
            raise ValueError(f"`over` is at least 0, not {self.over:g}")

    def at(self, step: int, steps: int) -> float:
        """Return the point on the line, or its end."""
        span = self.over * steps if self.over <= 1 else self.over
        share = min(step / span, 1.0) if span > 0 else 1.0
        return (1 - share) * self.low + share * self.high
