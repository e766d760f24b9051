"""Greedy pursuit: entries enter one by one, each time with the best values of all chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl._torch import torch
from ebmdsl.concepts.matrices import cholesky

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Hessian, Objective, Quadratic


def pursuit(objective: Objective, like: Tensor, *, most: int) -> Tensor:
    """Return the best point on the path of a pursuit with `most` entries at most, [n, d].

    The entry that enters has the largest slope for its curvature: the largest correlation
    of a column of a dictionary with what is left, where columns have length one.
    """
    quadratic = objective.quadratic
    if quadratic is None:
        raise TypeError("a pursuit was planned for an energy that is no quadratic")
    curve = quadratic.hessian.tensor.diagonal(dim1=-2, dim2=-1)
    scale = curve.clamp_min(torch.finfo(like.dtype).tiny).sqrt()
    z = best = torch.zeros_like(like)
    least = objective.smooth(z) + objective.rough(z)
    chosen = like.new_zeros(like.shape[0], 0, dtype=torch.long)
    for _ in range(most):
        pull = (objective.gradient(z) / scale).abs()
        pull = pull.scatter(1, chosen, -1.0) if chosen.shape[1] else pull
        chosen = torch.cat([chosen, pull.argmax(-1, keepdim=True)], 1)
        z = fitted(quadratic, chosen)
        value = objective.smooth(z) + objective.rough(z)
        better = (value < least).unsqueeze(-1)
        best, least = torch.where(better, z, best), torch.where(value < least, value, least)
    return torch.where(least.isnan().unsqueeze(-1), torch.nan, best)


def fitted(quadratic: Quadratic, chosen: Tensor) -> Tensor:
    """Return the minimum over the chosen entries, [n, k], all others zero: [n, d]."""
    inner = _inner(quadratic.hessian, chosen)
    right = quadratic.linear.gather(1, chosen).unsqueeze(-1)
    floor = 16 * torch.finfo(inner.dtype).eps * inner.diagonal(dim1=-2, dim2=-1).amax(-1)
    ridge = torch.diag_embed(floor.unsqueeze(-1).expand(chosen.shape))
    factor, found = cholesky(inner + ridge)
    safe = torch.where(found[:, None, None], factor, torch.eye(inner.shape[-1]).to(inner))
    values = torch.cholesky_solve(right, safe).squeeze(-1)
    values = torch.where(found.unsqueeze(-1), values, torch.nan)
    return torch.zeros_like(quadratic.linear).scatter(1, chosen, values)


def _inner(hessian: Hessian, chosen: Tensor) -> Tensor:
    """Return the matrix of each sample between its chosen entries, [n, k, k]."""
    matrix = hessian.tensor
    if hessian.shared:
        return matrix[chosen.unsqueeze(-1), chosen.unsqueeze(-2)]
    rows = matrix.gather(1, chosen.unsqueeze(-1).expand(-1, -1, matrix.shape[-1]))
    return rows.gather(2, chosen.unsqueeze(1).expand(-1, chosen.shape[1], -1))
