"""`ones`: one in every entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Law

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Misfit, Shape


@final
@concept("ones")
class Ones(Law):
    """One in every entry.

    References: Golub & Van Loan 2013, Matrix Computations, section 1.1
    """

    def misfit(self, shape: Shape) -> Misfit | None:
        """Accept every shape."""
        del shape
        return None

    def draw(self, shape: Shape, rng: Any) -> Tensor:
        """Return ones; nothing is drawn."""
        return torch.ones(shape, device=rng.device)
