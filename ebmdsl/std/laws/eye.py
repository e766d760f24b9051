"""`eye`: identity matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Law
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("eye")
class Eye(Law):
    """Identity matrix, $I_{ij} = 1$ where $i = j$; of more axes the last two are the matrix.

    References: Golub & Van Loan 2013, Matrix Computations, section 1.2
    """

    size: int = 0

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse what is no matrix, or not of the size that was written."""
        if len(shape) < 2:
            return Misfit(f"{show(shape)} is not a matrix")
        if self.size and shape[-2:] != (self.size, self.size):
            return Misfit(f"{show(shape)} is not the shape of `eye({self.size})`")
        return None

    def draw(self, shape: Shape, rng: Any) -> Tensor:
        """Return the identity; nothing is drawn."""
        return torch.eye(*shape[-2:], device=rng.device).expand(shape).clone()
