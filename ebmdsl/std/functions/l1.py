"""`l1`: the sum of absolute values."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.abilities import Conjugate, Homogeneous, Proximable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("l1")
class L1(Function, Proximable, Conjugate, Homogeneous):
    r"""Sum of absolute values, $\lVert x \rVert_1$.

    Sets entries to exactly zero, so a latent under `l1` becomes a sparse code.

    References: Tibshirani 1996, doi:10.1111/j.2517-6161.1996.tb02080.x
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            curvature=Curvature.CONVEX,
            smoothness=Smoothness.C0,
            block=Block.SEPARABLE,
            low=0,
        ),
    )
    symbol: ClassVar[Symbol] = Symbol("‖{}‖₁")

    @property
    def order(self) -> int:
        """Return 1: a factor leaves as its absolute value."""
        return 1

    def shape(self, *arguments: Shape) -> Shape:
        """Return a scalar for any shape."""
        del arguments
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n]."""
        return arguments[0].abs().unsqueeze(-1).flatten(1).sum(-1)

    def prox(self, x: Tensor, step: Tensor) -> Tensor:
        """Shrink every entry towards zero by the step: the soft threshold."""
        return x - torch.clamp(x, -step, step)

    def polar(self, v: Tensor, *, nonneg: bool) -> Tensor:
        """Return the largest absolute entry, or the largest entry over the orthant."""
        return v.amax(-1).clamp_min(0) if nonneg else v.abs().amax(-1)
