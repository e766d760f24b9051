"""`solve`: solution of a linear system."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Curvature, Facts
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("solve")
class Solve(Function):
    r"""Solution of a linear system, $A^{-1} b$; what is said of it holds where $A$ is regular.

    References: Golub & Van Loan 2013, doi:10.56021/9781421407944, section 3.2
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(),
        Facts(degree=1, curvature=Curvature.AFFINE),
    )
    joint: ClassVar[Facts | None] = Facts()
    symbol: ClassVar[Symbol] = Symbol("({})⁻¹·{}")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return the shape of the right side: a vector, or columns."""
        matrix, right = arguments
        if len(matrix) != 2 or matrix[0] != matrix[1]:
            return Misfit(f"{show(matrix)} is not a square matrix")
        if len(right) not in (1, 2) or right[0] != matrix[0]:
            return Misfit(f"{show(matrix)} has no solution for {show(right)}")
        return right

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, d, d] and [n, d] or [n, d, k] -> [n, d] or [n, d, k]."""
        matrix, right = arguments
        if right.dim() == _ROWS and matrix.shape[0] > 1 and not matrix.stride(0):
            return torch.linalg.solve_ex(matrix[0], right.mT)[0].mT
        columns = right if right.dim() > _ROWS else right.unsqueeze(-1)
        found = torch.linalg.solve_ex(matrix, columns)[0]
        return found.reshape(right.shape)


_ROWS = 2
