"""The few facts about matrices that solvers and certificates need; NaN in, NaN out."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ebmdsl._torch import torch

if TYPE_CHECKING:
    from torch import Tensor

Pair = tuple["Tensor", "Tensor"]


def length(x: Tensor) -> Tensor:
    """Return the Euclidean length of every sample, [n, 1]."""
    return cast("Tensor", torch.linalg.vector_norm(x, dim=-1, keepdim=True))


def cholesky(matrix: Tensor) -> Pair:
    """Return the factor and whether there is one, per matrix; nothing is raised."""
    found = cast("Pair", torch.linalg.cholesky_ex(matrix))
    return found[0], found[1] == 0


def eigen(matrix: Tensor) -> Pair:
    """Return eigenvalues, increasing, and eigenvectors of symmetric matrices.

    LAPACK raises on NaN, which would end a whole batch for one broken sample: a matrix
    with a NaN gets NaN eigenvalues instead.
    """
    found = cast("Pair", torch.linalg.eigh(torch.nan_to_num(matrix)))
    return found[0] + broken(matrix).unsqueeze(-1), found[1]


def largest_eigenvalue(matrix: Tensor) -> Tensor:
    """Return the largest eigenvalue of a symmetric matrix, to rounding."""
    values = cast("Tensor", torch.linalg.eigvalsh(torch.nan_to_num(matrix)))
    return values[..., -1] + broken(matrix)


def broken(matrix: Tensor) -> Tensor:
    """Return 0 for a finite matrix and NaN for any other, per matrix."""
    return matrix.sum((-2, -1)) * 0
