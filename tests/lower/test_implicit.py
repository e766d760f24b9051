"""Every gradient through a minimizer against finite differences, wherever it applies."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from ebmdsl.lower.elimination import Asked
from ebmdsl.lower.implicit import equation
from ebmdsl.lower.minimizing import Minimizing
from ebmdsl.lower.module import EnergyModule
from tests.lower.programs import module, samples

RIDGE = """model ridge(k = 4)
observed y : real[6]
latent z : real[k]
param W : real[6, k]
param s : positive
cost recon = sq(y - W @ z) / 2
regularizer small = s * sq(z) / 2
"""
LASSO = """model lasso(k = 8)
observed y : real[5]
latent z : real[k]
param W : real[5, k]
param s : positive
cost recon = sq(y - W @ z) / 2
regularizer sparse = s * l1(z)
"""
NONNEG = LASSO.replace("z : real", "z : nonneg").replace("lasso", "nonneg")
GROUPS = """model groups
observed y : real[7]
latent z : real[12]
param W : real[7, 12]
param s : positive
cost recon = sq(y - W @ z) / 2
regularizer sparse = s * sum(group_l2(z, 3))
"""
CURVED = """model curved(d = 3)
observed y : real[6]
latent z : real[d]
param W : real[6, d]
param s : positive
cost recon = sq(y - tanh(W @ z))
regularizer small = s * sq(z)
"""
CONES = """model cones(d = 2)
observed y : real[5]
latent z : nonneg[d]
param W : real[5, d]
param s : positive
cost recon = sum(logcosh(y - W @ z))
regularizer small = s * sum(z)
"""
PROGRAMS = {
    "ridge": (RIDGE, "closed_form"),
    "lasso": (LASSO, "fista"),
    "nonneg": (NONNEG, "fista"),
    "groups": (GROUPS, "fista"),
    "curved": (CURVED, "lbfgs"),
    "cones": (CONES, "ista"),
}
STEP = 1e-6


def made(name: str, mode: str, solver: str = "", **options: str) -> EnergyModule:
    """Return a module whose latents are live, solved to rounding."""
    text, usual = PROGRAMS[name]
    word = solver or usual
    given = {"gradient": mode, **options}
    if word not in ("closed_form", "gradient_descent"):
        given |= {"tol": "1e-13"}
    listed = ", ".join(f"{key} = {value}" for key, value in given.items())
    model = module(f"{text}infer z by minimize with {word}({listed})\n", seed=3)
    with torch.no_grad():
        model.weights["s"].fill_(0.6)
    return model


def _loss(model: EnergyModule, y: Tensor, weight: Tensor) -> Tensor:
    result = model.solve({"y": y}, tol=1e-13)
    return (result.assignment["z"].flatten(1) * weight).sum()


def _differences(model: EnergyModule, y: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return the directional derivative of a loss of z by autograd and by differences."""
    names = list(model.parameters())
    rng = torch.Generator().manual_seed(5)
    along = [torch.randn(p.shape, generator=rng, dtype=p.dtype) for p in names]
    slopes = torch.autograd.grad(_loss(model, y, weight), names)
    exact = sum((s * a).sum() for s, a in zip(slopes, along, strict=True))
    ends: list[Tensor] = []
    for sign in (1, -1):
        with torch.no_grad():
            for p, a in zip(names, along, strict=True):
                p.add_(sign * STEP * a)
            ends.append(_loss(model, y, weight))
            for p, a in zip(names, along, strict=True):
                p.sub_(sign * STEP * a)
    return torch.as_tensor(exact), (ends[0] - ends[1]) / (2 * STEP)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_equation_gives_the_derivative_of_the_answer(name: str) -> None:
    model = made(name, "implicit")
    y = 2 * samples(6, *_shape(model))
    size = model.solve({"y": y}).assignment["z"].flatten(1).shape[1]
    exact, found = _differences(model, y, samples(6, size, seed=8))
    assert abs(float(exact - found)) < 1e-5 * max(1.0, abs(float(found)))
    assert abs(float(found)) > 1e-3


def _shape(model: EnergyModule) -> tuple[int, ...]:
    declared = model.plan.model.find("y")
    assert declared is not None
    return tuple(int(size) for size in declared.shape)
