"""`drop`: one value that falls to a tenth late in the run."""

from __future__ import annotations

from typing import final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Schedule


@final
@concept("drop")
class Drop(Schedule):
    """One value that falls to a tenth of itself late in the run, and stays there.

    It falls `after` so many steps; at most 1, that is a share of all steps (`after = 67%`).
    It is multiplied by the `factor`.

    References: Krizhevsky, Sutskever & Hinton 2017, doi:10.1145/3065386, section 5
    """

    rate: float
    after: float
    factor: float = 0.1

    def at(self, step: int, steps: int) -> float:
        """Return the first value, or the fallen one."""
        fall = self.after * steps if self.after <= 1 else self.after
        return self.rate if step < fall else self.rate * self.factor
