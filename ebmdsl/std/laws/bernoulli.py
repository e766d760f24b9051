"""`bernoulli`: one with probability $p$ and zero otherwise, in every entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.abilities import Density
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts
from ebmdsl.concepts.kinds import Law
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("bernoulli")
class Bernoulli(Law, Density):
    """One with probability $p$ and zero otherwise, in every entry.

    References: Bishop 2006, Pattern Recognition and Machine Learning, section 2.1
    """

    p: float = 0.5
    domain: ClassVar[str] = "binary"
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(degree=1, curvature=Curvature.AFFINE, block=Block.SEPARABLE, low=0),
        Facts(curvature=Curvature.CONVEX, block=Block.SEPARABLE, low=0),
    )
    within: ClassVar[tuple[tuple[float, float], ...]] = ((0, 1), (0, 1))

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse what is no probability."""
        del shape
        if not 0 <= self.p <= 1:
            return Misfit(f"{self.p:g} is not a probability", option="p")
        return None

    def draw(self, shape: Shape, rng: Any) -> Tensor:
        """Draw every entry by itself."""
        share = torch.rand(shape, generator=rng, device=rng.device)
        return (share < self.p).to(share.dtype)

    @staticmethod
    def surprise(value: Tensor, *options: Tensor) -> Tensor:
        """Return minus the log probability of each bit; what cannot be is infinite."""
        (p,) = options
        one, zero = (torch.special.xlogy(x, y) for x, y in ((value, p), (1 - value, 1 - p)))
        return -(one + zero)
