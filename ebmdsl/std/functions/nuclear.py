"""`nuclear`: sum of the singular values of a matrix."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, ClassVar, cast, final

from ebmdsl._torch import torch
from ebmdsl.concepts.abilities import Conjugate, Homogeneous, Proximable
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Curvature, Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol
from ebmdsl.std.singular import singular_values, sound

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("nuclear")
class Nuclear(Function, Proximable, Conjugate, Homogeneous):
    r"""Sum of the singular values of a matrix, $\lVert X \rVert_*$.

    Sets singular values to exactly zero, so a matrix under `nuclear` gets a low rank.

    References: Cai, Candès & Shen 2010, doi:10.1137/080738970
    """

    magnitudes: ClassVar[bool] = False
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(curvature=Curvature.CONVEX, smoothness=Smoothness.C0, low=0),
    )
    symbol: ClassVar[Symbol] = Symbol("‖{}‖∗")

    @property
    def order(self) -> int:
        """Return 1: a factor leaves as its absolute value."""
        return 1

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for a matrix."""
        return () if len(arguments[0]) == 2 else Misfit(f"{show(arguments[0])} is not a matrix")

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, r, c] -> [n]."""
        return singular_values(arguments[0]).sum(-1)

    def prox(self, x: Tensor, step: Tensor) -> Tensor:
        """Shrink every singular value towards zero by the step, [n, r, c] -> [n, r, c]."""
        whole = sound(x)
        found = torch.linalg.svd(torch.where(whole, x, 0.0), full_matrices=False)
        u, s, v = cast("tuple[Tensor, Tensor, Tensor]", found)
        near = (u * torch.relu(s - step.reshape(-1, 1))[:, None]) @ v
        return torch.where(whole, near, nan)

    def polar(self, v: Tensor, *, nonneg: bool) -> Tensor:
        """Return the largest singular value; over the orthant, that of the positive part too.

        Over the orthant this is an upper bound of the dual gauge.
        """
        whole = singular_values(v)[:, 0]
        return torch.minimum(whole, singular_values(v.relu())[:, 0]) if nonneg else whole
