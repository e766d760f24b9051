"""`mix`: one of several laws of masks, each as likely as any other."""

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
@concept("mix")
class Mix(Law):
    """One of several laws of masks, each as likely as any other, for every sample.

    The first axis of what is drawn counts samples.

    References: McLachlan & Peel 2000, doi:10.1002/0471721182, section 1.4
    """

    laws: tuple[Law, ...]
    domain: ClassVar[str] = "binary"

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse what one of the laws refuses."""
        if not self.laws:
            return Misfit("nothing is mixed", "name two laws or more")
        return next(filter(None, (law.misfit(shape) for law in self.laws)), None)

    def draw(self, shape: Shape, rng: Any) -> Tensor:
        """Draw from every law, and of these for each sample one."""
        drawn = torch.stack([law.draw(shape, rng) for law in self.laws], 1)
        share = torch.rand(shape[:1], generator=rng, device=rng.device)
        chosen = (share * len(self.laws)).long()
        return drawn[torch.arange(shape[0], device=rng.device), chosen]
