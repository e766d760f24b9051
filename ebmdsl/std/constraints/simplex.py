"""`simplex`: every row is a probability distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.abilities import Projectable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("simplex")
class Simplex(Constraint, Projectable):
    r"""Every row is a probability distribution, $w \ge 0$ and $\sum_j w_{ij} = 1$.

    The nearest distribution is found by sorting.

    References: Duchi, Shalev-Shwartz, Singer & Chandra 2008, doi:10.1145/1390156.1390191
    """

    bounds_gain: ClassVar[bool] = True

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of what an entry may be."""
        return 0.0, 1.0

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse a scalar, which has no rows."""
        return None if shape else Misfit("a scalar has no rows")

    def project(self, w: Tensor) -> Tensor:
        """Subtract the threshold that makes the positive part sum to one."""
        if self.holds(w):
            return w
        return _nearest(w)

    def nearest(self, w: Tensor) -> Tensor:
        """Subtract the threshold that makes the positive part sum to one."""
        return _nearest(w)

    def holds(self, w: Tensor) -> bool:
        """Look for negative entries and compare the sums with one."""
        tolerance = w.shape[-1] * torch.finfo(w.dtype).eps
        return bool((w >= 0).all() and ((w.sum(-1) - 1).abs() <= tolerance).all())


def _nearest(w: Tensor) -> Tensor:
    ordered = w.sort(-1, descending=True).values
    ranks = torch.arange(1, w.shape[-1] + 1, dtype=w.dtype, device=w.device)
    excess = ordered.cumsum(-1) - 1
    count = (ordered * ranks > excess).sum(-1, keepdim=True).clamp_min(1)
    near = (w - excess.gather(-1, count - 1) / count).clamp_min(0)
    return near / near.sum(-1, keepdim=True)
