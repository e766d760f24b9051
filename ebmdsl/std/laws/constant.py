"""`constant`: the same number in every entry."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Law
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("constant")
class Constant(Law):
    """The same number in every entry.

    References: Golub & Van Loan 2013, Matrix Computations, section 1.1
    """

    value: float

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse what is no number."""
        del shape
        return None if isfinite(self.value) else Misfit(f"{self.value} is not a number")

    def draw(self, shape: Shape, rng: Any) -> Tensor:
        """Return the number; nothing is drawn."""
        return torch.full(shape, float(self.value), device=rng.device)
