"""`sparse`: at most so many entries that are not zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.abilities import Projectable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.concepts.shape import Misfit, show, size

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("sparse")
class Sparse(Constraint, Projectable):
    r"""At most `count` entries that are not zero, $\lVert w \rVert_0 \le k$.

    References: Blumensath & Davies 2009, doi:10.1016/j.acha.2009.04.002
    """

    count: int
    convex: ClassVar[bool] = False
    orthant: ClassVar[bool] = True
    follows: ClassVar[bool] = True

    @property
    def most(self) -> int | None:
        """Return how many entries may differ from zero."""
        return self.count

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse a count that leaves nothing, or everything."""
        if not 1 <= self.count < size(shape):
            return Misfit(f"of {show(shape)} it is no limit to keep {self.count} entries")
        return None

    def project(self, w: Tensor) -> Tensor:
        """Keep the largest entries and set the others to zero."""
        flat = w.flatten()
        kept = flat.abs().topk(self.count).indices
        return torch.zeros_like(flat).scatter(0, kept, flat[kept]).reshape(w.shape)

    def nearest(self, w: Tensor) -> Tensor:
        """Keep the largest entries of each."""
        flat = w.flatten(1)
        kept = flat.abs().topk(self.count).indices
        return torch.zeros_like(flat).scatter(1, kept, flat.gather(1, kept)).reshape(w.shape)

    def holds(self, w: Tensor) -> bool:
        """Count what is not zero."""
        return int((w != 0).sum()) <= self.count
