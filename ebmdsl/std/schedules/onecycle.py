"""`onecycle`: up to a peak for 30% of the steps, then down to almost nothing."""

from __future__ import annotations

from math import cos, pi
from typing import final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Schedule


@final
@concept("onecycle")
class Onecycle(Schedule):
    r"""One cycle: up to a peak for 30% of the steps, then down to almost nothing.

    Both halves are cosines: from 1/25 of the peak, and to a ten-thousandth of that.

    References: Smith & Topin 2018, arXiv:1708.07120
    """

    peak: float

    def at(self, step: int, steps: int) -> float:
        """Return the point on the way up or on the way down."""
        start, end = self.peak / 25, self.peak / 25e4
        top, last = max(0.3 * steps - 1, 0.0), steps - 1
        if step < top:
            return _cosine(start, self.peak, share=step / top)
        share = (step - top) / (last - top) if last > top else 0.0
        return _cosine(self.peak, end, share=share)


def _cosine(start: float, end: float, *, share: float) -> float:
    return end + (start - end) * (1 + cos(pi * share)) / 2
