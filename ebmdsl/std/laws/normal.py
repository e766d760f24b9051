"""`normal`: gaussian law."""

from __future__ import annotations

from math import inf, log, pi
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
@concept("normal")
class Normal(Law, Density):
    r"""Gaussian law, $\mathcal N(\mu, \sigma^2)$ in every entry.

    References: Bishop 2006, Pattern Recognition and Machine Learning, section 2.3
    """

    mean: float = 0.0
    scale: float = 1.0
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("scale",), ("mean", "scale"))
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(degree=2, curvature=Curvature.CONVEX, block=Block.SEPARABLE),
        Facts(degree=2, curvature=Curvature.CONVEX, block=Block.SEPARABLE),
        Facts(block=Block.SEPARABLE),
    )
    within: ClassVar[tuple[tuple[float, float], ...]] = ((-inf, inf), (-inf, inf), (0, inf))
    moved: ClassVar[Facts] = Facts(
        degree=1, curvature=Curvature.AFFINE, block=Block.ELEMENTWISE
    )

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse a negative scale."""
        del shape
        if self.scale < 0:
            return Misfit(f"the scale {self.scale:g} is negative", option="scale")
        return None

    def draw(self, shape: Shape, rng: Any) -> Tensor:
        """Draw every entry by itself."""
        noise = torch.randn(shape, generator=rng, device=rng.device)
        return self.mean + self.scale * noise

    @staticmethod
    def surprise(value: Tensor, *options: Tensor) -> Tensor:
        """Return half the squared distance in units of the scale, and the log of the volume."""
        mean, scale = options
        return ((value - mean) / scale) ** 2 / 2 + scale.log() + log(2 * pi) / 2
