"""Discrete programs and their enumeration, the slow way, for the tests of elimination."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ebmdsl.lower.latents import layout, states_of

if TYPE_CHECKING:
    from ebmdsl.lower.module import EnergyModule

GRID = """model grid(U = 4)
observed y[i in 1..3, j in 1..U] : real
latent s[i in 1..3, j in 1..U] : binary
param a : real
param b : real
cost across[i, j] = -a * s[i, j] * s[i, j-1]
cost down[i, j] = -b * (2 * s[i, j] - 1) * (2 * s[i-1, j] - 1)
cost field[i, j] = -s[i, j] * y[i, j]
infer s by RING
"""
HIDDEN_CHAIN = """model hidden(k = 3, T = 5)
observed y[t in 1..T] : token[4]
latent s[t in 1..T] : onehot[k]
param A : simplex[k, k]
param B : simplex[k, 4]
cost trans[t] = -log(s[t-1] @ A @ s[t])
cost emit[t] = -log((s[t] @ B)[y[t]])
infer s by RING
"""
PAIRS = """model pairs(d = 7)
observed y : real[d]
latent s : binary[d]
param J : real[d, d]
cost pull = -(s @ J @ s) / 2 - dot(y, s)
infer s by RING
"""
TWO_DOMAINS = """model domains(T = 4)
observed y[t in 1..T] : real[2]
latent s[t in 1..T] : spin[2]
latent g : onehot[3]
param J : real[2, 2]
param c : real
param v : real[3]
cost move[t] = -(s[t] @ J @ s[t-1])
cost field[t] = -dot(y[t], s[t])
cost top[t] = dot(v, g) * sum(s[t])
cost far = c * s[1][0] * s[2][1] * s[4][0] * g[0]
infer s, g by RING
"""
TOKENS = """model tokens(T = 4)
observed y[t in 1..T] : real[2]
latent s[t in 1..T] : token[3]
param mu : real[3, 2]
param lam : real
cost fit[t] = sq(y[t] - mu[s[t]])
cost jump[t] = lam * (s[t] != s[t-1])
cost ends = lam * (s[1] == s[4])
infer s by RING
"""
PARALLEL = """model parallel(T = 4)
observed y[i in 1..2, t in 1..T] : real[2]
latent s[i in 1..2, t in 1..T] : onehot[3]
param A : real[3, 3]
param B : real[2, 3]
param c : real
cost trans[i, t] = -(s[i, t-1] @ A @ s[i, t]) * y[i, t][0]
cost emit[i, t] = sq(y[i, t] - B @ s[i, t])
cost odd = -c * s[1, 2][0]
infer s by RING
"""
SECOND_ORDER = """model second(T = 5)
observed y[t in 1..T] : real
latent s[t in 1..T] : binary
param a : real
param b : real
cost near[t] = -a * s[t] * s[t-1]
cost far[t] = -b * s[t] * s[t-2]
cost whole = a * (sum[t](s[t]) - 2)^2 / 5
cost field[t] = -s[t] * y[t]
infer s by RING
"""


def energies(model: EnergyModule, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return all states, [states, d], and their energies, [n, states]."""
    names = tuple(name for step in model.plan.eliminations for name in step.names)
    points = states_of(model.plan.model, names, like=y.new_zeros(())).points
    n, count = len(y), len(points)
    latents = layout(model.plan.model, names).split(points.repeat(n, 1))
    rows = model.energy({"y": y.repeat_interleave(count, 0), **latents})
    return points, rows.reshape(n, count)


def joined(model: EnergyModule, found: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return what was found as vectors, [n, d]."""
    names = tuple(name for step in model.plan.eliminations for name in step.names)
    return layout(model.plan.model, names).join(found)
