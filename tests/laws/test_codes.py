"""Sparse codes of photographs against scikit-learn, with a gap that owes the solver nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any, cast

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_sample_image
from sklearn.linear_model import Lasso
from torch import Tensor

from ebmdsl.concepts.kinds import Solver
from ebmdsl.lower.loop import Status, solve
from ebmdsl.lower.objective import Objective, Term
from ebmdsl.lower.quadratic import quadratic_of
from ebmdsl.lower.unrolling import unrolled
from ebmdsl.std.functions.l1 import L1
from ebmdsl.std.solvers.admm import Admm
from ebmdsl.std.solvers.fista import Fista
from ebmdsl.std.solvers.ista import Ista

Array = NDArray[np.float64]
LAM = 0.5


@cache
def patches() -> Array:
    """Whitened 12 x 12 patches of a photograph, one a row, variance 1."""
    picture = np.asarray(load_sample_image("china.jpg"), dtype=np.float64).mean(-1)
    corners = np.random.default_rng(5).integers(0, 400, (1500, 2))
    rows = [picture[i : i + 12, j : j + 12].ravel() for i, j in corners]
    y = np.stack(rows)
    y = y - y.mean(1, keepdims=True)
    values, vectors = np.linalg.eigh(y.T @ y / len(y))
    y = y @ (vectors / np.sqrt(np.maximum(values, 1e-3 * values[-1]))) @ vectors.T
    return y / y.std()


@cache
def dictionary() -> Array:
    """256 patches as atoms of length 1: as coherent as what is learned."""
    atoms = patches()[-256:].T
    return atoms / np.linalg.norm(atoms, axis=0)


def objective(dtype: torch.dtype, count: int, lam: float = LAM) -> Objective:
    narrow = (
        torch.from_numpy(dictionary()).to(dtype),
        torch.from_numpy(patches()[:count]).to(dtype),
    )
    wide = None if dtype == torch.float64 else lasso(*(one.double() for one in narrow), lam=lam)
    return replace(lasso(*narrow, lam=lam), wide=wide)


def lasso(w: Tensor, y: Tensor, *, lam: float) -> Objective:
    def energy(z: Tensor, y: Tensor) -> Tensor:
        return ((y - z @ w.T) ** 2).sum(-1) / 2

    quadratic = quadratic_of(energy, (y,), like=y.new_zeros(len(y), 256), shared=True)
    term = Term(L1(), torch.tensor(lam, dtype=y.dtype))
    return Objective(smooth_part=quadratic, terms=(term,), floor=0)


def gap(z: Array, dtype: type[np.floating[Any]] = np.float64) -> Array:
    """Return the relative duality gap of the lasso in its textbook form, in float64."""
    y = patches()[: len(z)].astype(dtype).astype(np.float64)
    w = dictionary().astype(dtype).astype(np.float64)
    left = y - z @ w.T
    primal = (left**2).sum(1) / 2 + LAM * np.abs(z).sum(1)
    scale = np.minimum(1, LAM / np.abs(left @ w).max(1))
    dual = (y**2).sum(1) / 2 - ((y - scale[:, None] * left) ** 2).sum(1) / 2
    return (primal - dual) / primal


def values(z: Array) -> Array:
    left = patches()[: len(z)] - z @ dictionary().T
    return (left**2).sum(1) / 2 + LAM * np.abs(z).sum(1)


@cache
def exact() -> Array:
    model = Lasso(alpha=LAM / 144, fit_intercept=False, tol=1e-10, max_iter=100_000)
    codes = [model.fit(dictionary(), y).coef_.copy() for y in patches()[:100]]
    return np.stack(cast("list[Array]", codes))


@pytest.mark.parametrize("solver", [Admm(), Fista()], ids=["admm", "fista"])
def test_codes_in_double_precision_equal_those_of_scikit_learn(solver: Solver) -> None:
    problem = objective(torch.float64, 100)
    found = solve(solver, problem, start=torch.zeros(100, 256, dtype=torch.float64), tol=1e-8)
    ours, theirs = values(found.point.numpy()), values(exact())
    assert found.status.eq(Status.CONVERGED).all()
    assert np.abs(ours / theirs - 1).max() < 1e-6
    assert gap(found.point.numpy()).max() < 1e-8


@pytest.mark.parametrize("solver", [Admm(), Fista()], ids=["admm", "fista"])
@pytest.mark.parametrize("tol", [1e-3, 1e-5])
def test_the_gap_that_is_claimed_is_the_gap(solver: Solver, tol: float) -> None:
    problem = objective(torch.float32, 300)
    found = solve(solver, problem, start=torch.zeros(300, 256), tol=tol)
    assert found.status.eq(Status.CONVERGED).all()
    independent = gap(found.point.double().numpy(), np.float32)
    assert independent.max() < tol
    assert np.abs(independent.clip(1e-7) - found.certificate.numpy()).max() < 1e-10


def test_single_precision_claims_no_more_than_it_can() -> None:
    problem = objective(torch.float32, 20)
    found = solve(Admm(), problem, start=torch.zeros(20, 256), tol=1e-9)
    assert found.certificate.min() >= 1e-7
    assert found.status.eq(Status.AT_LIMIT).all()


def test_momentum_needs_a_fifth_of_the_steps() -> None:
    problem = objective(torch.float64, 50, lam=0.05)
    start = torch.zeros(50, 256, dtype=torch.float64)
    slow = problem.value(unrolled(Ista(), problem, start=start, steps=200)).mean()
    fast = problem.value(unrolled(Fista(), problem, start=start, steps=40)).mean()
    assert fast <= slow


def test_plain_proximal_steps_never_go_up() -> None:
    problem, start = objective(torch.float64, 20), torch.zeros(20, 256, dtype=torch.float64)
    each = [problem.value(unrolled(Ista(), problem, start=start, steps=n)) for n in range(8)]
    falls = torch.stack(each).diff(dim=0)
    assert (falls <= 1e-12).all()


def test_splitting_needs_fewer_steps_than_momentum() -> None:
    problem, start = objective(torch.float32, 300), torch.zeros(300, 256)
    steps = [
        solve(one, problem, start=start, tol=1e-5).steps.float().mean()
        for one in (Admm(), Fista())
    ]
    assert steps[0] < 0.7 * steps[1]


def test_slow_samples_turn_the_knob(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = objective(torch.float64, 20, lam=0.02)
    start = torch.zeros(20, 256, dtype=torch.float64)
    tuned = solve(Admm(), problem, start=start, tol=1e-3)
    monkeypatch.setattr(Admm, "lowest", 0)
    untouched = solve(Admm(), problem, start=start, tol=1e-3)
    assert tuned.status.eq(Status.CONVERGED).all()
    assert tuned.steps.float().mean() < 0.6 * untouched.steps.float().mean()
