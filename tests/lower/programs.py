"""Small programs and their modules for the tests of lowering."""

from __future__ import annotations

import torch

from ebmdsl.compilation import Compilation
from ebmdsl.lower.module import EnergyModule, lower
from ebmdsl.source.text import Source

SPARSE = """model sparse(k = 12, lam = 0.3)
observed y : real[8]
latent z : real[k]
param W : real[8, k] with unit_columns
decoder yhat = W @ z
cost recon = sq(y - yhat) / 2
regularizer sparse = lam * l1(z)
infer z by minimize
train by energy
"""
CURVED = """model curved(d = 3)
observed y : real[6]
latent z : real[d]
param W : real[6, d]
cost recon = sq(y - tanh(W @ z))
regularizer small = sq(z) / 10
infer z by minimize
train by energy
"""
LAGS = """model lags(T = 6)
observed y[t in 1..T] : real[2]
latent s[t in 1..T] : real[3]
param A : real[3, 3]
param B : real[3, 3]
param C : real[2, 3]
cost move[t] = sq(s[t] - A @ s[t-1] - B @ s[t-2])
cost see[t] = sq(y[t] - C @ s[t])
regularizer small = sq(s) / 100
infer s by minimize
train by energy
"""
UNITS = """model units(v = 4)
observed y : real[v]
latent h : binary[5]
param W : real[4, 5]
param b : real[5]
cost interaction = -(y @ W @ h) - dot(b, h)
cost small = sq(y) / 2
infer h by marginalize(beta = 1.5)
"""
MIXTURE = """model mixture(k = 4)
observed y : real[2]
latent z : onehot[k]
param W : real[2, k]
cost distance = sq(y - W @ z) / 2
infer z by marginalize(beta = 2)
"""


def module(text: str, seed: int = 0) -> EnergyModule:
    """Return the module of a program in float64, with random parameters."""
    compilation = Compilation(Source("test.ebm", text))
    plan = compilation.plan
    assert plan is not None, [each.message for each in compilation.diagnostics.all]
    made = lower(plan, dtype=torch.float64)
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in made.parameters():
            weight.copy_(torch.randn(weight.shape, generator=rng, dtype=torch.float64) / 2)
    made.project(plan.model.parameters)
    return made


def samples(*shape: int, seed: int = 1) -> torch.Tensor:
    """Return random samples in float64."""
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=rng, dtype=torch.float64)
