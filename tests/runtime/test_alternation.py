"""Exact alternation: as good as other libraries, never climbing, saved and resumed."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from ebmdsl.runtime.alternation import is_discrete, update
from ebmdsl.runtime.metrics import Silent
from ebmdsl.runtime.train import train
from tests.runtime.programs import MEANS, PLANE, SPIRAL, Listening, compiled, run, started

MIXED = """model mixture(K = 4)
data points = moons()
observed y : real[2] from points
latent z : onehot[K]
param mu : real[2, K] init kmeans_pp(y)
param L : real[K, 2, 2] with cholesky(1e-3) init eye(2)
param w : simplex[K]
cost shape = sq(solve(L[z], y - mu @ z)) / 2 + logdet(L[z]) + log(2 * pi)
cost share = -log(w[z])
infer z by marginalize
train by energy
run { restarts = 1, precision = 64 }
"""
FACTORS = """model factors(k = 1)
data points = gaussian(3, rho = 0.6, n = 300)
observed y : real[3] from points
latent z : real[k]
param W : real[3, k] init normal(0.5)
param m : real[3]
param s : positive
cost shape = nll(normal(W @ z + m, s), y) + sq(z) / 2 + log(2 * pi) / 2
infer z by marginalize
train by energy
run { precision = 64 }
"""


def test_k_means_is_as_good_as_the_best_of_ten_elsewhere(tmp_path: Path) -> None:
    start = started(SPIRAL.replace("restarts = 3", "restarts = 10"), tmp_path, smoke=False)
    train(start, Silent())
    y = start.samples.variables["y"]
    ours = float(start.module.solve({"y": y}).value.detach().mean())
    k = start.module.get_parameter("W").shape[1]
    elsewhere: Any = KMeans
    best: float = elsewhere(k, n_init=10, random_state=0).fit(y.numpy()).inertia_
    assert ours <= 1.02 * best / len(y)


def test_principal_components_span_the_same_plane(tmp_path: Path) -> None:
    start = started(PLANE, tmp_path, smoke=False)
    train(start, Silent())
    y = start.samples.variables["y"]
    theirs = torch.from_numpy(PCA(3).fit(y.double().numpy()).components_)
    ours = torch.linalg.qr(start.module.get_parameter("W").detach().double()).Q
    cosines = torch.linalg.svdvals(theirs.double() @ ours)
    assert float(torch.arccos(cosines.clamp(max=1)).max()) < 1e-3


@pytest.mark.parametrize(
    "text",
    [MEANS, PLANE, MIXED, FACTORS],
    ids=["means", "plane", "mixture", "factors"],
)
def test_no_turn_climbs(text: str, tmp_path: Path) -> None:
    listener = Listening()
    start = started(text, tmp_path, steps=8)
    train(start, listener)
    energies = [step["energy"]["total"] for step in listener.named("step")]
    assert len(energies) > 1
    assert all(b <= a * (1 + 1e-6) for a, b in itertools.pairwise(energies))


def test_a_mixture_takes_the_steps_of_expectation_maximization(tmp_path: Path) -> None:
    """Ten steps from the same start end where scikit-learn's ten steps end."""
    start = started(MIXED, tmp_path, smoke=False, steps=10)
    weights = {name: x.detach().numpy().copy() for name, x in start.module.named_parameters()}
    train(start, Silent())
    y = start.samples.variables["y"].numpy()
    made: Any = GaussianMixture(
        4,
        means_init=weights["mu"].T,
        weights_init=weights["w"] / weights["w"].sum(),
        precisions_init=np.stack([np.eye(2)] * 4),
        tol=0,
        max_iter=10,
        reg_covar=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        made.fit(y)
    ours = {name: x.detach().numpy() for name, x in start.module.named_parameters()}
    np.testing.assert_allclose(ours["mu"].T, made.means_, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(ours["w"], made.weights_, rtol=1e-6)
    covariances = ours["L"] @ ours["L"].swapaxes(1, 2)
    np.testing.assert_allclose(covariances, made.covariances_, rtol=1e-5, atol=1e-8)


def test_factors_reach_the_likelihood_of_probabilistic_principal_components(
    tmp_path: Path,
) -> None:
    start = started(FACTORS, tmp_path, smoke=False)
    train(start, Silent())
    y = start.samples.variables["y"]
    with torch.no_grad():
        ours = float(start.module.solve({"y": y}).value.mean())
    theirs: Any = PCA(1).fit(y.numpy())
    assert ours == pytest.approx(-theirs.score(y.numpy()), rel=1e-5)


def test_restarts_keep_the_best(tmp_path: Path) -> None:
    listener = Listening()
    start = started(SPIRAL, tmp_path, smoke=False)
    train(start, listener)
    energies = [step["energy"]["total"] for step in listener.named("step")]
    falls = [b for a, b in itertools.pairwise(energies) if b > a * 1.01]
    assert len(falls) == 2, "three starts"
    (end,) = listener.named("finished")
    assert end["energy"]["total"] == pytest.approx(min(energies), rel=1e-5)


def test_the_same_seed_gives_the_same_weights(tmp_path: Path) -> None:
    first, second = (run(MEANS, tmp_path).module.get_parameter("W") for _ in range(2))
    assert torch.equal(first, second)


def test_unused_prototypes_are_put_to_use(tmp_path: Path) -> None:
    start = started(MEANS, tmp_path)
    values = start.samples.variables
    with torch.no_grad():
        start.module.get_parameter("W")[:, 0] = 1000.0
    before = start.module.solve(values)
    first = float(before.value.detach().sum())
    update(start.module, values, result=before)
    after = start.module.solve(values)
    assert bool((after.assignment["z"].sum(0) > 0).all())
    assert float(after.value.detach().sum()) < first


def test_only_discrete_latents_ask_for_restarts() -> None:
    for text, expected in ((MEANS, True), (PLANE, False)):
        plan = compiled(text).plan
        assert plan is not None
        assert is_discrete(plan) is expected
