"""`clip`: every entry lies between two ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.abilities import Projectable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("clip")
class Clip(Constraint, Projectable):
    r"""Every entry lies between two ends, $a \le w \le b$.

    References: Arjovsky, Chintala & Bottou 2017, arXiv:1701.07875
    """

    low: float
    high: float
    bounds_gain: ClassVar[bool] = True
    entrywise: ClassVar[bool] = True

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of what an entry may be."""
        return self.low, self.high

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse an interval that is empty."""
        del shape
        if not self.low <= self.high:
            reason = f"the interval from {self.low:g} to {self.high:g} is empty"
            return Misfit(reason, option="low")
        return None

    def project(self, w: Tensor) -> Tensor:
        """Move every entry to the nearest end if it is outside."""
        return w.clamp(self.low, self.high)

    def nearest(self, w: Tensor) -> Tensor:
        """Move every entry to the nearest end if it is outside."""
        return w.clamp(self.low, self.high)

    def holds(self, w: Tensor) -> bool:
        """Compare with both ends."""
        return bool((self.project(w) == w).all())
