"""Singular values of a batch of matrices, where some may hold NaN."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, cast

from ebmdsl._torch import torch

if TYPE_CHECKING:
    from torch import Tensor


def singular_values(x: Tensor) -> Tensor:
    """Return the singular values, largest first, [n, r, c] -> [n, min(r, c)]."""
    whole = sound(x)
    found = cast("Tensor", torch.linalg.svdvals(torch.where(whole, x, 0.0)))
    return torch.where(whole[:, 0], found, nan)


def sound(x: Tensor) -> Tensor:
    """Mark the matrices without NaN: one of them would fail the whole batch, [n, 1, 1]."""
    return x.isfinite().flatten(1).all(1)[:, None, None]
