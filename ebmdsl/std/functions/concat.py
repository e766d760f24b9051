"""`concat`: arguments joined on the last axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("concat")
class Concat(Function):
    """Arguments joined on the last axis.

    References: Golub & Van Loan 2013, Matrix Computations, section 1.3
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            degree=1,
            curvature=Curvature.AFFINE,
            block=Block.GROUPED,
            monotone=Monotone.INCREASING,
        ),
    )
    joint: ClassVar[Facts | None] = Facts(
        degree=1, curvature=Curvature.AFFINE, block=Block.GROUPED, monotone=Monotone.INCREASING
    )
    variadic: ClassVar[bool] = True
    symbol: ClassVar[Symbol] = Symbol("[{}]")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return the common shape with the last sizes added up."""
        shapes = [shape or (1,) for shape in arguments]
        if len({shape[:-1] for shape in shapes}) != 1:
            return Misfit(f"{' and '.join(map(show, arguments))} differ before the last axis")
        return (*shapes[0][:-1], sum(shape[-1] for shape in shapes))

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, any number of [n, *event, k] -> [n, *event, sum of k]."""
        rows = [x if x.dim() > 1 else x[:, None] for x in arguments]
        return torch.cat(rows, dim=-1)
