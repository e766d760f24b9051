"""`zero_diag`: zero on the diagonal."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.abilities import Projectable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("zero_diag")
class ZeroDiag(Constraint, Projectable):
    """Zero on the diagonal, $W_{ii} = 0$; no unit acts on itself.

    References: Hopfield 1982, doi:10.1073/pnas.79.8.2554
    """

    orthant: ClassVar[bool] = True
    follows: ClassVar[bool] = True

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse what is no square matrix."""
        if len(shape) != 2 or shape[0] != shape[1]:
            return Misfit(f"{show(shape)} is not a square matrix")
        return None

    def project(self, w: Tensor) -> Tensor:
        """Erase the diagonal."""
        return w - torch.diag(w.diagonal())

    def nearest(self, w: Tensor) -> Tensor:
        """Erase the diagonal of each."""
        return w - w.diagonal(dim1=-2, dim2=-1).diag_embed()

    def holds(self, w: Tensor) -> bool:
        """Look at the diagonal."""
        return bool((w.diagonal() == 0).all())
