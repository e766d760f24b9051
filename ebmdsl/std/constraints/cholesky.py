"""`cholesky`: lower triangular with a positive diagonal."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("cholesky")
class Cholesky(Constraint):
    r"""Lower triangular with a diagonal of at least `floor`: the factor of a covariance.

    $L L^\top$ is then positive definite. The last two axes are the matrix; there may be a
    stack of them.

    References: Pinheiro & Bates 1996, doi:10.1007/BF00140873
    """

    floor: float = 1e-6

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse what is no square matrix, and a diagonal that may vanish."""
        if len(shape) < 2 or shape[-1] != shape[-2]:
            return Misfit(f"{show(shape)} is not a square matrix")
        return None if self.floor > 0 else Misfit(f"a floor of {self.floor:g} is not positive")

    def project(self, w: Tensor) -> Tensor:
        """Clear what is above the diagonal, and lift the diagonal to the floor."""
        diagonal = w.diagonal(dim1=-2, dim2=-1).clamp_min(self.floor)
        return w.tril(-1) + diagonal.diag_embed()

    def holds(self, w: Tensor) -> bool:
        """Compare with the floor and with zero, exactly."""
        return torch.equal(self.project(w), w)
