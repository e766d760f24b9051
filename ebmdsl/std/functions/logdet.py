"""`logdet`: logarithm of the size of a determinant."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

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
@concept("logdet")
class Logdet(Function):
    r"""Logarithm of the size of a determinant, $\log \lvert \det X \rvert$.

    What is said of it holds where the matrix is regular.

    References: Boyd & Vandenberghe 2004, Convex Optimization, section 3.1.5
    """

    facts: ClassVar[tuple[Facts, ...]] = (Facts(),)
    symbol: ClassVar[Symbol] = Symbol("log det {}")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for a square matrix."""
        event = arguments[0]
        if len(event) != 2 or event[0] != event[1]:
            return Misfit(f"{show(event)} is not a square matrix")
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, d, d] -> [n]."""
        return torch.linalg.slogdet(arguments[0])[1]
