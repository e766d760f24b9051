"""Certificates computed again from E itself, by code that shares nothing with the solvers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy import float64
from numpy.typing import NDArray

from ebmdsl.lower.module import EnergyModule
from tests.lower.programs import module, samples

Array = NDArray[float64]
N, M, D = 6, 8, 5
TOL = 1e-6
HEAD = f"""model m(lam = 0.3)
observed y : real[{M}]
latent z : {{domain}}[{D}]
param W : real[{M}, {D}] with unit_columns
"""
LASSO = HEAD + "cost c = sq(y - W @ z) / 2\nregularizer r = lam * l1(z)\n"
RIDGE = HEAD + "cost c = sq(y - W @ z) / 2\nregularizer r = lam * sq(z)\n"
CURVED = HEAD + "cost c = sq(y - tanh(W @ z))\nregularizer r = lam * sq(z)\n"
STATES = HEAD + "cost c = sq(y - W @ z) / 2\nregularizer r = lam * sum(z)\n"
GROUPS = HEAD + "cost c = sq(y - W @ z) / 2\nregularizer r = lam * l2(z)\n"
L0 = HEAD + "cost c = sq(y - W @ z) / 2\nregularizer r = lam * l0(z)\n"


def _solved(text: str, how: str, domain: str = "real") -> tuple[EnergyModule, Array, Array]:
    """Return a module, its latents and the certificates that its solver claims."""
    model = module(f"{text.format(domain=domain)}infer z by minimize{how}\n")
    found = model.solve({"y": samples(N, M)}, tol=TOL)
    assert found.status.tolist() == [0] * N
    return model, found.assignment["z"].numpy(), found.certificate.numpy()


def _energy(model: EnergyModule) -> Callable[[Array], Array]:
    """Return E by numbers only: the module's energy at latents given from outside."""
    y = samples(N, M)

    def value(z: Array) -> Array:
        return model.energy({"y": y, "z": torch.from_numpy(z)}).detach().numpy()

    return value


def _slope(energy: Callable[[Array], Array], z: Array) -> Array:
    """Return central differences of E, [n, d]."""
    steps = 1e-6 * np.eye(z.shape[1])
    pairs = ((energy(z + step), energy(z - step)) for step in steps)
    return np.stack([(up - down) / 2e-6 for up, down in pairs], 1)


@pytest.mark.parametrize("how", ["", " with fista", " with ista", " with admm"])
@pytest.mark.parametrize("domain", ["real", "nonneg"])
def test_a_duality_gap_bounds_the_distance_to_an_independent_minimum(
    domain: str, how: str
) -> None:
    """The dual point is scaled by hand: ½‖y‖² - ½‖y - θ‖² for a feasible θ."""
    model, z, claimed = _solved(LASSO, how, domain=domain)
    w, y = model.weights["W"].detach().numpy(), samples(N, M).numpy()
    rest = y - z @ w.T
    pull = rest @ w if domain == "nonneg" else np.abs(rest @ w)
    theta = rest * np.minimum(1, 0.3 / np.maximum(pull.max(1), 1e-300))[:, None]
    primal = _energy(model)(z)
    dual = (y**2).sum(1) / 2 - ((y - theta) ** 2).sum(1) / 2
    assert ((primal - dual) / primal <= claimed + 1e-9).all()
    assert (claimed <= TOL).all()


@pytest.mark.parametrize("how", ["", " with lbfgs", " with newton"])
def test_a_stationary_point_of_a_curved_energy_has_no_slope(how: str) -> None:
    model, z, _ = _solved(CURVED, how)
    energy = _energy(model)
    scale = np.abs(_slope(energy, np.zeros_like(z))).max()
    assert np.abs(_slope(energy, z)).max() < 1e-4 * scale


@pytest.mark.parametrize("how", ["", " with lbfgs", " with fista"])
def test_an_excess_energy_is_that_over_the_normal_equations(how: str) -> None:
    model, z, claimed = _solved(RIDGE, how)
    w, y = model.weights["W"].detach().numpy(), samples(N, M).numpy()
    best = np.linalg.solve(w.T @ w + 0.6 * np.eye(D), w.T @ y.T).T.astype(np.float64)
    energy = _energy(model)
    scale = np.maximum(energy(z), energy(0 * z) - energy(best))
    excess = (energy(z) - energy(best)) / scale
    assert (excess <= claimed + 1e-9).all()


def test_no_state_has_less_energy_than_the_one_that_was_chosen() -> None:
    model, z, _ = _solved(STATES, "", domain="binary")
    energy = _energy(model)
    grid = (np.arange(2**D)[:, None] >> np.arange(D)) & 1
    least = np.min([energy(np.tile(state, (N, 1)).astype(float)) for state in grid], 0)
    np.testing.assert_allclose(energy(z), least, rtol=0, atol=1e-12)


@pytest.mark.parametrize("text", [GROUPS, L0], ids=["group", "l0"])
def test_no_random_move_lowers_the_energy_of_a_proximal_answer(text: str) -> None:
    model, z, claimed = _solved(text, "")
    energy, rng = _energy(model), np.random.default_rng(0)
    here = energy(z) * (1 - claimed)
    for size in (1e-4, 1e-2):
        for _ in range(200):
            assert (energy(z + size * rng.standard_normal(z.shape)) >= here - 1e-9).all()
