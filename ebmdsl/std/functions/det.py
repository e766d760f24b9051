"""`det`: determinant of a square matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("det")
class Det(Function):
    r"""Determinant of a square matrix, $\det X$.

    References: Horn & Johnson 2012, doi:10.1017/CBO9781139020411, section 0.3
    """

    facts: ClassVar[tuple[Facts, ...]] = (Facts(),)
    symbol: ClassVar[Symbol] = Symbol("det {}")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for a square matrix."""
        return (
            ()
            if len(arguments[0]) == 2 and len(set(arguments[0])) == 1
            else Misfit(f"{show(arguments[0])} is not a square matrix")
        )

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, d, d] -> [n]."""
        return cast("Tensor", torch.linalg.det(arguments[0]))
