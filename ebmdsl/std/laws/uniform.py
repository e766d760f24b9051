"""`uniform`: uniform law between two ends."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.abilities import Density
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Smoothness
from ebmdsl.concepts.kinds import Law
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("uniform")
class Uniform(Law, Density):
    """Uniform law between two ends, $U(a, b)$ in every entry.

    References: Devroye 1986, doi:10.1007/978-1-4613-8643-8, section 2.1
    """

    low: float = 0.0
    high: float = 1.0
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.STEP, block=Block.SEPARABLE),
        Facts(smoothness=Smoothness.STEP, block=Block.SEPARABLE),
        Facts(smoothness=Smoothness.STEP, block=Block.SEPARABLE),
    )
    moved: ClassVar[Facts] = Facts(
        degree=1, curvature=Curvature.AFFINE, block=Block.ELEMENTWISE
    )

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse an interval that is empty."""
        del shape
        if not self.low <= self.high:
            reason = f"the interval from {self.low:g} to {self.high:g} is empty"
            return Misfit(reason, option="low")
        return None

    def draw(self, shape: Shape, rng: Any) -> Tensor:
        """Draw every entry by itself."""
        share = torch.rand(shape, generator=rng, device=rng.device)
        return self.low + (self.high - self.low) * share

    @staticmethod
    def surprise(value: Tensor, *options: Tensor) -> Tensor:
        """Return the log of the length inside, and infinity outside."""
        low, high = options
        inside = (value >= low) & (value <= high)
        return torch.where(inside, (high - low).log(), inf)
