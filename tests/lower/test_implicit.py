"""Every gradient through a minimizer against finite differences, wherever it applies."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from ebmdsl.lower import implicit
from ebmdsl.lower.elimination import Asked
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
        given = {"tol": "1e-13", **given}
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
    for sign in (STEP, -STEP):
        _move(names, along, length=sign)
        ends.append(_loss(model, y, weight).detach())
        _move(names, along, length=-sign)
    return torch.as_tensor(exact), (ends[0] - ends[1]) / (2 * STEP)


@torch.no_grad()
def _move(weights: list[torch.nn.Parameter], along: list[Tensor], *, length: float) -> None:
    for weight, axis in zip(weights, along, strict=True):
        weight.add_(length * axis)


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


UNROLLED = [
    ("ridge", "closed_form", {}),
    ("ridge", "gradient_descent", {"steps": "30", "rate": "0.05"}),
    ("lasso", "ista", {"steps": "300"}),
    ("lasso", "fista", {}),
    ("lasso", "admm", {}),
    ("nonneg", "fista", {}),
    ("groups", "fista", {}),
    ("curved", "gradient_descent", {"steps": "40", "rate": "0.02"}),
    ("curved", "lbfgs", {}),
    ("cones", "ista", {}),
]


@pytest.mark.parametrize(("name", "solver", "options"), UNROLLED)
def test_unrolled_steps_give_the_derivative_of_what_they_compute(
    name: str, solver: str, options: dict[str, str]
) -> None:
    model = made(name, "unroll", solver, **options)
    y = 2 * samples(6, *_shape(model))
    size = model.solve({"y": y}).assignment["z"].flatten(1).shape[1]
    exact, found = _differences(model, y, samples(6, size, seed=8))
    assert abs(float(exact - found)) < 1e-5 * max(1.0, abs(float(found)))


def test_remembering_few_states_changes_no_derivative() -> None:
    found: list[Tensor] = []
    for extra in ({}, {"checkpoint": "7"}):
        model = made("lasso", "unroll", "ista", steps="60", **extra)
        y = 2 * samples(6, 5)
        found.append(torch.autograd.grad(_loss(model, y, samples(6, 8)), model.weights["W"])[0])
    torch.testing.assert_close(found[0], found[1], atol=0, rtol=0)


@pytest.mark.parametrize("name", PROGRAMS)
def test_one_step_gives_the_derivative_of_one_proximal_step(name: str) -> None:
    """The step from the answer, with the answer and the step length held, by differences."""
    model = made(name, "one_step")
    y = 2 * samples(6, *_shape(model))
    step = model.plan.eliminations[0]
    ring = Minimizing(step, model.plan.model)
    values = {**model.weights, "y": y}
    found = ring.find(values, samples=6, like=y, asked=Asked(tol=1e-13)).point
    held = ring.equation(values, found.detach())
    weight = samples(*found.shape, seed=8)
    slope = torch.autograd.grad((found * weight).sum(), model.weights["W"])[0]
    along = samples(*slope.shape, seed=9)
    ends: list[Tensor] = []
    for sign in (1, -1):
        moved = {**values, "W": (model.weights["W"] + sign * STEP * along).detach()}
        near = held.one_step(ring.moving(moved, found.detach()))
        ends.append((near * weight).sum())
    expected = float(((ends[0] - ends[1]) / (2 * STEP)).detach())
    assert float((slope * along).sum()) == pytest.approx(expected, rel=1e-5, abs=1e-7)


def test_a_moving_answer_keeps_its_value_and_changes_no_gradient_of_f() -> None:
    y = 2 * samples(6, 5)
    slopes: list[Tensor] = []
    points: list[Tensor] = []
    for mode in ("implicit", "one_step"):
        model = made("lasso", mode)
        result = model.solve({"y": y}, tol=1e-13)
        points.append(result.assignment["z"])
        slopes.append(torch.autograd.grad(result.value.sum(), model.weights["W"])[0])
    fixed = module(f"{LASSO}infer z by minimize with fista(tol = 1e-13)\n", seed=3)
    with torch.no_grad():
        fixed.weights["s"].fill_(0.6)
    result = fixed.solve({"y": y}, tol=1e-13)
    expected = torch.autograd.grad(result.value.sum(), fixed.weights["W"])[0]
    for point, slope in zip(points, slopes, strict=True):
        torch.testing.assert_close(point, result.assignment["z"])
        torch.testing.assert_close(slope, expected, atol=1e-7, rtol=1e-7)


def test_answers_that_are_not_unique_are_reported() -> None:
    """Without a regularizer, four entries that three numbers determine can move freely."""
    text = RIDGE.replace("real[6]", "real[3]").replace("[6, k]", "[3, k]")
    model = module(f"{text}infer z by minimize with closed_form(gradient = implicit)\n", seed=3)
    y = samples(5, 3)
    with torch.no_grad():
        model.weights["s"].fill_(0.0)
    loose = model.solve({"y": y}, tol=1e-5)
    assert float(loose.certificate.min()) > 0.01
    assert loose.status.tolist() == [1] * 5
    with torch.no_grad():
        model.weights["s"].fill_(0.5)
    tight = model.solve({"y": y}, tol=1e-5)
    assert tight.status.tolist() == [0] * 5


@pytest.mark.parametrize("name", ["lasso", "nonneg", "cones"])
def test_conjugate_gradients_solve_what_an_inverse_solves(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = made(name, "implicit")
    y = 2 * samples(6, *_shape(model))
    weight = samples(6, model.solve({"y": y}).assignment["z"].shape[1], seed=8)
    dense = torch.autograd.grad(_loss(model, y, weight), model.weights["W"])[0]
    monkeypatch.setattr(implicit, "DENSE", 0)
    free = torch.autograd.grad(_loss(model, y, weight), model.weights["W"])[0]
    torch.testing.assert_close(dense, free, atol=1e-9, rtol=1e-7)
    result = model.solve({"y": y}, tol=1e-9)
    assert result.status.tolist() == [0] * 6


def test_second_derivatives_of_a_minimum_follow_the_answer() -> None:
    """F = min_z E has slope and curvature of its own: those of a ridge are known."""
    w, s = samples(6, 4), torch.tensor(0.6).double()
    model = made("ridge", "implicit")
    with torch.no_grad():
        model.weights["W"].copy_(w)
    ring = Minimizing(model.plan.eliminations[0], model.plan.model)
    y = samples(3, 6)
    values: dict[str, Tensor] = {**model.weights, "y": y}
    asked = Asked(tol=1e-13)
    point = ring.find(values, samples=3, like=y, asked=asked).point.detach()
    held = ring.equation(values, point)

    def free(y: Tensor) -> Tensor:
        z = held.at(ring.moving({**values, "y": y}, point))
        rest = y - z @ w.T
        return rest.square().sum(1) / 2 + s * z.square().sum(1) / 2

    inner = torch.linalg.inv(w.T @ w + s * torch.eye(4).double())
    curve = torch.eye(6).double() - w @ inner @ w.T
    slope: Any = torch.func.grad(lambda y: free(y).sum())
    torch.testing.assert_close(slope(y), y @ curve)
    along = samples(3, 6, seed=4)
    bent = torch.func.jvp(slope, (y,), (along,))[1]
    torch.testing.assert_close(bent, along @ curve)
