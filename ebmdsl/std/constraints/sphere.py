"""`sphere`: every row lies on the unit sphere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast, final

from ebmdsl._torch import torch
from ebmdsl.concepts.abilities import Projectable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("sphere")
class Sphere(Constraint, Projectable):
    r"""Every row lies on the unit sphere, $\lVert w_i \rVert_2 = 1$.

    References: Absil, Mahony & Sepulchre 2008, Optimization Algorithms on Matrix
    Manifolds, section 4.1
    """

    bounds_gain: ClassVar[bool] = True
    convex: ClassVar[bool] = False

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of what an entry may be."""
        return -1.0, 1.0

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse a scalar, which has no direction."""
        return None if shape else Misfit("a scalar has no direction")

    def project(self, w: Tensor) -> Tensor:
        """Divide each row by its length."""
        length = _lengths(w)
        empty = length == 0
        constant = (length.numel() / w.numel()) ** 0.5
        offset = torch.where(empty, constant, torch.zeros_like(length))
        return torch.addcmul(offset, w, 1 / torch.where(empty, 1.0, length))

    def nearest(self, w: Tensor) -> Tensor:
        """Divide each row by its length."""
        return self.project(w)

    def holds(self, w: Tensor) -> bool:
        """Compare every length with one."""
        return bool(((_lengths(w) - 1).abs() <= 16 * torch.finfo(w.dtype).eps).all())


def _lengths(w: Tensor) -> Tensor:
    return cast("Tensor", torch.linalg.vector_norm(w, dim=-1, keepdim=True))
