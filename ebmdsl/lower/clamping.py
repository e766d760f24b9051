"""Hold some entries of what is found: the same objective as a function of the free ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.lower.objective import Objective, Smooth
from ebmdsl.lower.quadratic import Hessian, Quadratic

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Energy = Callable[..., Tensor]


@final
class HeldError(Exception):
    """Some entries under a non-smooth term are known and others are not."""

    def __init__(self, word: str) -> None:
        reason = f"entries under `{word}` can be found all together only"
        Exception.__init__(self, reason)


def clamped(objective: Objective, *, free: Tensor, known: Tensor) -> Objective:
    r"""Return the objective where only the `free` entries, [n, d], move; the rest is `known`.

    With m the mask of the free entries and v the known values it is
    $f(m \odot z + (1-m) \odot v) + \tfrac{s}{2} \lVert (1-m) \odot (z - v) \rVert^2$ for a
    quadratic f, where s is its mean curvature: the minimum over z is then that over the free
    entries, at z = v elsewhere, and no matrix becomes singular by it. Other energies get no
    second part. Raises HeldError where an entry under a non-smooth term is held.
    """
    if bool(free.all()):
        return objective
    for term in objective.terms:
        if not bool(free[:, term.where].all()):
            raise HeldError(term.function.word)
    smooth = objective.smooth_part
    if isinstance(smooth, Quadratic):
        held: Quadratic | Smooth = _quadratic(smooth, free=free, known=known)
    else:
        held = _smooth(smooth, free=free, known=known)
    tables = objective.factors
    if tables is not None:
        tables = tables.clamped(free=free, known=known)
    return replace(objective, smooth_part=held, factors=tables, wide=None)


def _quadratic(f: Quadratic, *, free: Tensor, known: Tensor) -> Quadratic:
    matrix = f.hessian.tensor
    m = free.to(known.dtype)
    v = (1 - m) * known
    pull = f.hessian.times(v)
    scale = _curvature(matrix)
    linear = m * (f.linear - pull) + scale * v
    held = (v * (pull / 2 - f.linear)).sum(-1) + scale.reshape(-1) * v.square().sum(-1) / 2
    rows = m[:1] if bool((free == free[:1]).all()) and f.hessian.shared else m
    inner = rows.unsqueeze(-1) * matrix * rows.unsqueeze(-2)
    whole = inner + torch.diag_embed(scale * (1 - rows))
    tensor = whole[0] if f.hessian.shared and len(rows) == 1 else whole
    return Quadratic(Hessian(tensor), linear, f.constant + held)


def _curvature(matrix: Tensor) -> Tensor:
    """Return the mean of the diagonal, 1 where it is none: [1, 1] or [n, 1]."""
    mean = matrix.diagonal(dim1=-2, dim2=-1).abs().mean(-1).reshape(-1, 1)
    return torch.where(mean > 0, mean, torch.ones_like(mean))


def _smooth(f: Smooth, *, free: Tensor, known: Tensor) -> Smooth:
    energy, slope = f.energy, f.slope

    def value(z: Tensor, *data: Tensor) -> Tensor:
        *own, moves, at = data
        return energy(torch.where(moves, z, at), *own)

    def gradient(z: Tensor, *data: Tensor) -> Tensor:
        *own, moves, at = data
        x = torch.where(moves, z, at)
        found = torch.func.grad(_total(energy, own))(x) if slope is None else slope(x, *own)
        return torch.where(moves, found, torch.zeros_like(found))

    return Smooth(value, (*f.data, free, known), gradient)


def _total(energy: Energy, data: list[Tensor]) -> Energy:
    return lambda z: energy(z, *data).sum()
