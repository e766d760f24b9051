"""`l0`: number of entries that are not zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.abilities import Homogeneous, Proximable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("l0")
class L0(Function, Proximable, Homogeneous):
    r"""Number of entries that are not zero, $\lVert x \rVert_0$.

    References: Blumensath & Davies 2008, doi:10.1007/s00041-008-9035-z
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.STEP, block=Block.SEPARABLE, low=0),
    )
    symbol: ClassVar[Symbol] = Symbol("‖{}‖₀")

    def shape(self, *arguments: Shape) -> Shape:
        """Return a scalar for any shape."""
        del arguments
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n]."""
        return (arguments[0] != 0).unsqueeze(-1).flatten(1).sum(-1).to(arguments[0].dtype)

    @property
    def order(self) -> int:
        """Return 0: a factor leaves no trace."""
        return 0

    def prox(self, x: Tensor, step: Tensor) -> Tensor:
        """Keep the entries above the square root of twice the step: the hard threshold."""
        return torch.where(x.square() > 2 * step, x, 0.0)
