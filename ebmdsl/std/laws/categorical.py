"""`categorical`: one of so many signs, each as likely as any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.abilities import Density
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts, Smoothness
from ebmdsl.concepts.kinds import Law
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("categorical")
class Categorical(Law, Density):
    """One of so many signs, each as likely as any other, in every entry.

    The signs are tokens, numbered from 0.

    References: Bishop 2006, Pattern Recognition and Machine Learning, section 2.2
    """

    count: int = 2
    domain: ClassVar[str] = "token"
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.STEP, block=Block.SEPARABLE),
        Facts(smoothness=Smoothness.STEP, block=Block.SEPARABLE),
    )

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse an empty alphabet."""
        del shape
        return (
            None if self.count >= 1 else Misfit(f"there is no alphabet of {self.count} signs")
        )

    def draw(self, shape: Shape, rng: Any) -> Tensor:
        """Draw every entry by itself."""
        share = torch.rand(shape, generator=rng, device=rng.device)
        return (share * self.count).floor()

    @staticmethod
    def surprise(value: Tensor, *options: Tensor) -> Tensor:
        """Return the log of the number of signs, and infinity for what is none of them."""
        (count,) = options
        known = (value >= 0) & (value < count) & (value == value.floor())
        return torch.where(known, count.log(), float("inf"))
