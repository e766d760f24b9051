"""`where`: one value where a mask is one, another elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, is_scalar, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("where")
class Where(Function):
    r"""One value where a mask is one, another elsewhere, $m\, a + (1 - m)\, b$.

    The mask has the shape of the two values, or is one number; what is above zero counts as
    one. Values of every domain may be taken, tokens too.

    References: Harris, Millman, van der Walt et al. 2020, doi:10.1038/s41586-020-2649-2
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.STEP, block=Block.ELEMENTWISE),
        Facts(
            degree=1,
            curvature=Curvature.AFFINE,
            block=Block.ELEMENTWISE,
            monotone=Monotone.INCREASING,
        ),
        Facts(
            degree=1,
            curvature=Curvature.AFFINE,
            block=Block.ELEMENTWISE,
            monotone=Monotone.INCREASING,
        ),
    )
    joint: ClassVar[Facts | None] = Facts(smoothness=Smoothness.STEP, block=Block.GROUPED)
    takes: ClassVar[tuple[str, ...]] = ("bits", "entries", "entries")
    symbol: ClassVar[Symbol] = Symbol("({} ? {} : {})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return the shape of the two values, which is one."""
        mask, left, right = arguments
        if left != right:
            return Misfit(f"{show(left)} and {show(right)} cannot fill one place")
        if mask != left and not is_scalar(mask):
            return Misfit(f"a mask {show(mask)} does not fit {show(left)}")
        return left

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, three [n, *event] -> [n, *event]."""
        mask, left, right = arguments
        narrow = mask.shape[1:] != left.shape[1:]
        placed = mask.reshape(-1, *([1] * (left.dim() - 1))) if narrow else mask
        return torch.where(placed > 0, left, right)
