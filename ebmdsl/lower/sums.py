"""Sums over discrete latents: F and the posterior mean in closed form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.nn.functional import softplus

if TYPE_CHECKING:
    from torch import Tensor

CHUNK = 2**22


def independent_units(
    energy: Any, like: Tensor, *, data: tuple[Tensor, ...], beta: float, spin: bool
) -> tuple[Tensor, Tensor]:
    r"""Sum over binary (or spin) h in which the energy $E = c + a \cdot h$ is affine.

    $F = c - \tfrac1\beta \sum_i \log(1 + e^{-\beta a_i})$ for binary units and
    $c - \tfrac1\beta \sum_i \log 2\cosh(\beta a_i)$ for spins; returns F [n] and the mean
    [n, d]. Source: Freund & Haussler 1992; Hinton 2002, doi:10.1162/089976602760128018.
    """
    zero = torch.zeros_like(like)

    def total(h: Tensor) -> tuple[Tensor, Tensor]:
        value = energy(h, *data)
        return value.sum(), value

    slope, constant = torch.func.grad(total, has_aux=True)(zero)
    if spin:
        logs = softplus(-2 * beta * slope) + beta * slope
        return constant - logs.sum(-1) / beta, -torch.tanh(beta * slope)
    logs = softplus(-beta * slope)
    return constant - logs.sum(-1) / beta, torch.sigmoid(-beta * slope)


def exhaustive_sum(
    energy: Any, states: Tensor, *, data: tuple[Tensor, ...], beta: float
) -> tuple[Tensor, Tensor]:
    r"""Return $F = -\tfrac1\beta \log \sum_z e^{-\beta E(z)}$, [n], and the mean, [n, d]."""
    values = energies(energy, states, data=data)
    weights = torch.softmax(-beta * values, -1)
    return -torch.logsumexp(-beta * values, -1) / beta, weights @ states


def energies(energy: Any, states: Tensor, *, data: tuple[Tensor, ...]) -> Tensor:
    """Return the energy of every state for every sample, [n, states], in chunks of states."""
    n = data[0].shape[0] if data else 1
    step = max(1, CHUNK // max(n, 1))
    chunks = [states[low : low + step] for low in range(0, len(states), step)]
    return torch.cat([_chunk(energy, chunk, data=data, n=n) for chunk in chunks], 1)


def _chunk(energy: Any, states: Tensor, *, data: tuple[Tensor, ...], n: int) -> Tensor:
    k = len(states)
    z = states.repeat(n, 1)
    wide = tuple(one.repeat_interleave(k, 0) for one in data)
    return energy(z, *wide).reshape(n, k)
