"""`nonneg`: no entry is negative."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.abilities import Projectable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Constraint

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Misfit, Shape


@final
@concept("nonneg")
class Nonneg(Constraint, Projectable):
    r"""No entry is negative, $w \ge 0$.

    References: Lee & Seung 1999, doi:10.1038/44565
    """

    entrywise: ClassVar[bool] = True
    orthant: ClassVar[bool] = True
    follows: ClassVar[bool] = True

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of what an entry may be."""
        return 0.0, float("inf")

    def misfit(self, shape: Shape) -> Misfit | None:
        """Accept every shape."""
        del shape
        return None

    def project(self, w: Tensor) -> Tensor:
        """Lift what is negative to zero."""
        return w.clamp_min(0)

    def nearest(self, w: Tensor) -> Tensor:
        """Lift what is negative to zero."""
        return w.clamp_min(0)

    def holds(self, w: Tensor) -> bool:
        """Compare with zero."""
        return bool((w >= 0).all())
