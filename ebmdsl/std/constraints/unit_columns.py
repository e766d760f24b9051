"""`unit_columns`: every column has length one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast, final

from ebmdsl._torch import torch
from ebmdsl.concepts.abilities import Projectable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("unit_columns")
class UnitColumns(Constraint, Projectable):
    r"""Every column has length one, $\lVert W_{:,j} \rVert_2 = 1$.

    A vector is one column. A column of zeros becomes the constant column.

    References: Olshausen & Field 1997, doi:10.1016/S0042-6989(97)00169-7
    """

    bounds_gain: ClassVar[bool] = True
    convex: ClassVar[bool] = False

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of what an entry may be."""
        return -1.0, 1.0

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse a scalar, which has no columns."""
        return None if shape else Misfit("a scalar has no columns")

    def project(self, w: Tensor) -> Tensor:
        """Divide each column by its length."""
        length = _lengths(w)
        empty = length == 0
        constant = (length.numel() / w.numel()) ** 0.5
        offset = torch.where(empty, constant, torch.zeros_like(length))
        return torch.addcmul(offset, w, 1 / torch.where(empty, 1.0, length))

    def nearest(self, w: Tensor) -> Tensor:
        """Divide each column by its length."""
        projected: Tensor = torch.vmap(self.project)(w)
        return projected

    def holds(self, w: Tensor) -> bool:
        """Compare every length with one."""
        return bool(((_lengths(w) - 1).abs() <= 16 * torch.finfo(w.dtype).eps).all())


def _lengths(w: Tensor) -> Tensor:
    axis = -2 if w.dim() > 1 else 0
    return cast("Tensor", torch.linalg.vector_norm(w, dim=axis, keepdim=True))
