"""`spectral_norm`: largest singular value of a matrix."""

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
@concept("spectral_norm")
class SpectralNorm(Function, Proximable, Conjugate, Homogeneous):
    r"""Largest singular value of a matrix, $\max_{\lVert v \rVert = 1} \lVert X v \rVert$.

    References: Horn & Johnson 2012, doi:10.1017/CBO9781139020411, section 5.6
    """

    magnitudes: ClassVar[bool] = False
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(curvature=Curvature.CONVEX, smoothness=Smoothness.C0, low=0),
    )
    symbol: ClassVar[Symbol] = Symbol("σ₁({})")

    @property
    def order(self) -> int:
        """Return 1: a factor leaves as its absolute value."""
        return 1

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for a matrix."""
        return () if len(arguments[0]) == 2 else Misfit(f"{show(arguments[0])} is not a matrix")

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, r, c] -> [n]."""
        return singular_values(arguments[0])[:, 0]

    def prox(self, x: Tensor, step: Tensor) -> Tensor:
        """Cut the largest singular values off at one height, the step in all, [n, r, c]."""
        whole = sound(x)
        found = torch.linalg.svd(torch.where(whole, x, 0.0), full_matrices=False)
        u, s, v = cast("tuple[Tensor, Tensor, Tensor]", found)
        kept = torch.minimum(s, _height(s, step.reshape(-1, 1)))
        return torch.where(whole, (u * kept[:, None]) @ v, nan)

    def polar(self, v: Tensor, *, nonneg: bool) -> Tensor:
        """Return the sum of the singular values, or that of the positive part if less.

        Over the orthant this is an upper bound of the dual gauge.
        """
        whole = singular_values(v).sum(-1)
        return torch.minimum(whole, singular_values(v.relu()).sum(-1)) if nonneg else whole


def _height(s: Tensor, excess: Tensor) -> Tensor:
    """Return where to cut numbers that fall off, so that the excess is cut away, [n, 1]."""
    count = torch.arange(1, s.shape[1] + 1, device=s.device, dtype=s.dtype)
    heights = (s.cumsum(1) - excess) / count
    return heights.amax(1, keepdim=True).clamp_min(0)
