"""`positive`: every entry is at least a small floor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.abilities import Projectable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Constraint

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Misfit, Shape


@final
@concept("positive")
class Positive(Constraint, Projectable):
    r"""Every entry is at least a small floor, $w \ge \epsilon > 0$.

    References: Parikh & Boyd 2014, doi:10.1561/2400000003, section 6.2
    """

    floor: float = 1e-6
    entrywise: ClassVar[bool] = True

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of what an entry may be."""
        return 0.0, float("inf")

    def misfit(self, shape: Shape) -> Misfit | None:
        """Accept every shape."""
        del shape
        return None

    def project(self, w: Tensor) -> Tensor:
        """Lift what is below the floor to it."""
        return w.clamp_min(self.floor)

    def nearest(self, w: Tensor) -> Tensor:
        """Lift what is below the floor to it."""
        return w.clamp_min(self.floor)

    def holds(self, w: Tensor) -> bool:
        """Compare with zero: a loaded value may lie below the floor."""
        return bool((w > 0).all())
