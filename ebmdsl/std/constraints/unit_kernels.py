"""`unit_kernels`: every kernel has length one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("unit_kernels")
class UnitKernels(Constraint):
    r"""Every kernel has length one, $\lVert W_{:,c} \rVert_2 = 1$ for each input channel $c$.

    The kernel of an input channel is all that one code paints, over output channels and
    space: what a column is to a matrix. A kernel of zeros becomes the constant kernel.

    References: Zeiler, Krishnan, Taylor & Fergus 2010, doi:10.1109/CVPR.2010.5539957
    """

    bounds_gain: ClassVar[bool] = True

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of what an entry may be."""
        return -1.0, 1.0

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse what has no input channels."""
        if len(shape) < 3:
            return Misfit(f"{show(shape)} holds no kernels", "use `unit_columns`")
        return None

    def project(self, w: Tensor) -> Tensor:
        """Divide each kernel by its length."""
        length = _lengths(w)
        empty = length == 0
        constant = (length.numel() / w.numel()) ** 0.5
        offset = torch.where(empty, constant, torch.zeros_like(length))
        return torch.addcmul(offset, w, 1 / torch.where(empty, 1.0, length))

    def holds(self, w: Tensor) -> bool:
        """Compare every length with one."""
        return bool(((_lengths(w) - 1).abs() <= 16 * torch.finfo(w.dtype).eps).all())


def _lengths(w: Tensor) -> Tensor:
    axes = [axis for axis in range(w.dim()) if axis != 1]
    return cast("Tensor", torch.linalg.vector_norm(w, dim=axes, keepdim=True))
