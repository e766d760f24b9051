"""`symmetric`: equal to its transpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.abilities import Projectable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("symmetric")
class Symmetric(Constraint, Projectable):
    r"""Equal to its transpose, $W = W^\top$.

    References: Higham 1988, doi:10.1016/0024-3795(88)90223-6
    """

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse what is no square matrix."""
        if len(shape) != 2 or shape[0] != shape[1]:
            return Misfit(f"{show(shape)} is not a square matrix")
        return None

    def project(self, w: Tensor) -> Tensor:
        """Average with the transpose."""
        return (w + w.mT) / 2

    def nearest(self, w: Tensor) -> Tensor:
        """Average each with its transpose."""
        return (w + w.mT) / 2

    def holds(self, w: Tensor) -> bool:
        """Compare with the transpose, exactly."""
        return bool((w == w.mT).all())
