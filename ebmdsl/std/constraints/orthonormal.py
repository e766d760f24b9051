"""`orthonormal`: the columns are orthonormal."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape

NEAR = 0.5


@final
@concept("orthonormal")
class Orthonormal(Constraint):
    r"""The columns are orthonormal, $W^\top W = I$; the rows, where there are fewer of them.

    The nearest such matrix is the polar factor $U V^\top$ of $W = U S V^\top$. Close by, as
    after a small step, Newton's iteration finds it with a few products of matrices.

    References: Higham 1986, doi:10.1137/0907079
    """

    bounds_gain: ClassVar[bool] = True

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of what an entry may be."""
        return -1.0, 1.0

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse what is no matrix."""
        return None if len(shape) == 2 else Misfit(f"{show(shape)} is not a matrix")

    def project(self, w: Tensor) -> Tensor:
        """Return the polar factor."""
        if w.shape[0] < w.shape[1]:
            return self.project(w.mT).mT
        error = _error(w)
        if not error > _rounding(w):  # also where NaN must stay visible
            return w
        return _newton(w, error) if error < NEAR else _polar(w)

    def holds(self, w: Tensor) -> bool:
        """Compare the inner products of the columns with the identity."""
        tall = w if w.shape[0] >= w.shape[1] else w.mT
        return _error(tall) <= _rounding(tall)


def _rounding(w: Tensor) -> float:
    return 4 * w.shape[0] * torch.finfo(w.dtype).eps


def _error(w: Tensor) -> float:
    """Return the largest difference to orthonormality, a bound on the singular values."""
    gram = w.mT @ w
    eye = torch.eye(w.shape[1], dtype=w.dtype, device=w.device)
    return float((gram - eye).square().sum().sqrt())


def _newton(w: Tensor, error: float) -> Tensor:
    r"""Take inverse-free Newton steps $W \leftarrow W (3 I - W^\top W) / 2$.

    A step leaves less than the square of the error.
    """
    while error > torch.finfo(w.dtype).eps:
        w = 1.5 * w - 0.5 * (w @ (w.mT @ w))
        error = error**2
    return w


def _polar(w: Tensor) -> Tensor:
    found = cast("tuple[Tensor, Tensor, Tensor]", torch.linalg.svd(w, full_matrices=False))
    return found[0] @ found[2]
