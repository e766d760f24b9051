"""`mask`: zero wherever a mask is zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast, final

from ebmdsl.concepts.abilities import Projectable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Constraint, Value
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("mask")
class Mask(Constraint, Projectable):
    r"""Zero wherever a mask of the same shape is zero, $w = m \odot w$.

    References: LeCun, Denker & Solla 1989, Advances in Neural Information Processing Systems,
    section 2.2
    """

    allowed: Value
    orthant: ClassVar[bool] = True
    follows: ClassVar[bool] = True

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse a mask of another shape."""
        given = tuple(cast("Any", self.allowed).shape)
        if given != shape:
            return Misfit(f"a mask {show(given)} does not fit {show(shape)}")
        return None

    def project(self, w: Tensor) -> Tensor:
        """Keep what the mask allows, even where it is no number."""
        allowed = cast("Tensor", self.allowed).to(w.device) != 0
        return w.where(allowed, 0.0)

    def nearest(self, w: Tensor) -> Tensor:
        """Keep what the mask allows."""
        return self.project(w)

    def holds(self, w: Tensor) -> bool:
        """Look for anything but zero where the mask is zero."""
        allowed = cast("Tensor", self.allowed).to(w.device) != 0
        return bool(((w == 0) | (allowed & w.isfinite())).all())
