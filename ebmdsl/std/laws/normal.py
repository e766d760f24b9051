"""`normal`: gaussian law."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Law
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("normal")
class Normal(Law):
    r"""Gaussian law, $\mathcal N(\mu, \sigma^2)$ in every entry.

    References: Bishop 2006, Pattern Recognition and Machine Learning, section 2.3
    """

    mean: float = 0.0
    scale: float = 1.0
    forms: ClassVar[tuple[tuple[str, ...], ...]] = (("scale",), ("mean", "scale"))

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse a negative scale."""
        del shape
        if self.scale < 0:
            return Misfit(f"the scale {self.scale:g} is negative")
        return None

    def draw(self, shape: Shape, rng: Any) -> Tensor:
        """Draw every entry by itself."""
        noise = torch.randn(shape, generator=rng, device=rng.device)
        return self.mean + self.scale * noise
