"""`bernoulli`: one with probability $p$ and zero otherwise, in every entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Law
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("bernoulli")
class Bernoulli(Law):
    """One with probability $p$ and zero otherwise, in every entry.

    References: Bishop 2006, Pattern Recognition and Machine Learning, section 2.1
    """

    p: float = 0.5

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse what is no probability."""
        del shape
        if not 0 <= self.p <= 1:
            return Misfit(f"{self.p:g} is not a probability")
        return None

    def draw(self, shape: Shape, rng: Any) -> Tensor:
        """Draw every entry by itself."""
        share = torch.rand(shape, generator=rng, device=rng.device)
        return (share < self.p).to(share.dtype)
