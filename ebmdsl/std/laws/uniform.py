"""`uniform`: uniform law between two ends."""

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
@concept("uniform")
class Uniform(Law):
    """Uniform law between two ends, $U(a, b)$ in every entry.

    References: Devroye 1986, doi:10.1007/978-1-4613-8643-8, section 2.1
    """

    low: float = 0.0
    high: float = 1.0

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse an interval that is empty."""
        del shape
        if not self.low <= self.high:
            return Misfit(f"the interval from {self.low:g} to {self.high:g} is empty")
        return None

    def draw(self, shape: Shape, rng: Any) -> Tensor:
        """Draw every entry by itself."""
        share = torch.rand(shape, generator=rng, device=rng.device)
        return self.low + (self.high - self.low) * share
