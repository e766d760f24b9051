"""The best orthonormal W where an energy sees W and z only as the product W z."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ebmdsl.lower.closed_form import principal_subspace
from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.quadratic import hessian_of, linear_of
from ebmdsl.plan.low_rank import PRODUCT

if TYPE_CHECKING:
    from ebmdsl.plan.low_rank import LowRank

ISOTROPIC = 1e-6


@torch.no_grad()
def best_subspace(
    structure: LowRank,
    samples: Mapping[str, Tensor],
    *,
    weights: Mapping[str, Tensor],
    like: Tensor,
) -> Tensor | None:
    r"""Return W, [d, k] like `like`, or None where the quadratic is not a multiple of I.

    With $E = \tfrac c2 \lVert m - t \rVert^2 + \dots$ the targets t are the minimizers over
    m, and the best rank-k approximation of all t is spanned by their leading singular
    directions (Eckart & Young 1936, doi:10.1007/BF02288367), around the mean if centered.
    """
    d, k = like.shape
    fixed = {name: x.detach().double() for name, x in weights.items()}
    names = [name for name in samples if name in structure.energy.names]
    data = tuple(_wide(samples[name]) for name in names)

    def energy(m: Tensor, *rows: Tensor) -> Tensor:
        given = dict(zip(names, rows, strict=True))
        return evaluate(structure.energy, {**fixed, **given, PRODUCT: m}).reshape(-1)

    start = data[0].new_zeros(data[0].shape[0], d)
    curvature = hessian_of(energy, data, like=start, shared=True)
    c = curvature.diagonal().mean()
    if (curvature - c * torch.eye(d).to(curvature)).abs().max() > ISOTROPIC * c:
        return None
    targets = linear_of(energy, data, like=start)[0] / c
    return _directions(targets, k, centered=structure.centered).to(like.dtype)


def _wide(x: Tensor) -> Tensor:
    return x.double() if x.is_floating_point() else x


def _directions(targets: Tensor, k: int, *, centered: bool) -> Tensor:
    if centered:
        return principal_subspace(targets, k)[1]
    values, vectors = torch.linalg.eigh(targets.T @ targets)
    return vectors[:, values.argsort(descending=True)[:k]]
