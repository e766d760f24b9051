"""Exact minima of conjugate forms, read off the slope of the energy at two points.

The form is proved; its coefficients are not symbolic. The slope is linear in them, so the
slopes at one and at two give them all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, assert_never

import torch

from ebmdsl.concepts.matrices import cholesky

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.plan.conjugate import Conjugate

    Slope = Callable[[Tensor], Tensor]


def least(form: Conjugate, slopes: tuple[Slope, ...], *, old: Tensor) -> Tensor:
    """Return the minimum over one parameter; entries that no sample bears on stay.

    `slopes` are those of `pulled` and `count` for a mean, else that of the energy.
    """
    slope = slopes[0]
    match form.kind:
        case "mean":
            return mean(*slopes, old=old)
        case "shares":
            return shares(slope, old=old)
        case "scale":
            return scale(slope, old=old, power=form.power)
        case "factor":
            return factor(slope, old=old)
        case _:
            assert_never(form.kind)


def mean(pulled: Slope, count: Slope, *, old: Tensor) -> Tensor:
    r"""Minimize a quadratic in $u - \mu$: the mean of u, entry by entry."""
    weight = count(old)
    found = pulled(old) / weight.clamp_min(_TINY)
    return torch.where(weight > 0, found, old)


def shares(slope: Slope, *, old: Tensor) -> Tensor:
    r"""Minimize $-\sum_k c_k \log w_k$ on the simplex: $w_k = c_k / \sum_j c_j$."""
    ones = torch.ones_like(old)
    counts = -slope(ones)
    total = counts.sum(-1, keepdim=True)
    return torch.where(total > 0, counts / total.clamp_min(_TINY), old)


def scale(slope: Slope, *, old: Tensor, power: int) -> Tensor:
    r"""Minimize $a s^{-p} + c \log s$ entry by entry: $s^p = p a / c$."""
    ones = torch.ones_like(old)
    first, second = slope(ones), slope(2 * ones)
    pulled = (2 * second - first) / (1 - 2.0**-power)
    count = first + pulled
    sound = (pulled > 0) & (count > 0)
    found = (pulled.clamp_min(0) / count.clamp_min(_TINY)) ** (1 / power)
    return torch.where(sound, found, old)


def factor(slope: Slope, *, old: Tensor) -> Tensor:
    r"""Minimize $\tfrac12 \operatorname{tr}((LL^\top)^{-1} A) + c \log \det L$ over factors.

    The minimum has $LL^\top = A / c$.

    `old` is [..., d, d]; each matrix is treated by itself. A matrix without enough samples
    to be positive definite keeps its old factor.
    """
    ones = torch.eye(old.shape[-1], dtype=old.dtype, device=old.device).expand_as(old)
    first, second = slope(ones), slope(2 * ones)
    pulled = (2 * second - first) / (1 - 2.0**-2)
    count = (first + pulled).diagonal(dim1=-2, dim2=-1).mean(-1)[..., None, None]
    found, sound = cholesky((pulled + pulled.mT) / 2 / count.clamp_min(_TINY))
    return torch.where(sound[..., None, None] & (count > 0), found, old)


_TINY = torch.finfo(torch.float64).tiny
