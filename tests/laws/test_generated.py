"""Sources that are made up: each is drawn from the law that it names."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from sklearn import cluster, datasets

from ebmdsl.std.datasets.spiral import Spiral
from tests.laws.sources import SPLITS, main_of, source


def test_the_spiral_has_the_energies_of_the_lecture() -> None:
    points = Spiral(n=2000, noise=0.01).load("train", 0)["point"]
    for k, known in ((5, 0.0652), (20, 0.00465), (40, 0.001215)):
        model = cast("Any", cluster).KMeans(k, n_init=3, random_state=0).fit(points)
        assert model.inertia_ / len(points) == pytest.approx(known, rel=0.06)


def test_noise_is_the_distance_from_the_curve() -> None:
    rough, smooth = (Spiral(noise=s).load("train", 0)["point"] for s in (0.05, 0.0))
    assert (rough - smooth).std() == pytest.approx(0.05, rel=0.05)


def test_the_state_of_a_track_moves_as_a_filter_assumes() -> None:
    arrays = source("tracks", n=4000, length=6, noise=0.2, drift=0.3).load("train", 0)
    state = arrays["state"]
    moved = np.eye(4) + 0.1 * np.eye(4, k=2)
    assert np.cov(state[:, 0].T) == pytest.approx(np.eye(4), abs=0.06)
    assert (state[:, 1:] - state[:, :-1] @ moved.T).std() == pytest.approx(0.3, rel=0.02)
    assert (arrays["place"] - state[..., :2]).std() == pytest.approx(0.2, rel=0.02)


def test_magnets_are_drawn_from_their_energy() -> None:
    arrays = source("ising", side=2, n=200_000, strength=1.0).load("train", 5)
    coupling = arrays["couplings"][0]
    assert not np.ptp(arrays["couplings"], axis=0).any()
    np.testing.assert_array_equal(coupling, coupling.T)
    assert not np.diag(coupling).any()
    assert coupling[0, 3] == coupling[1, 2] == 0  # no neighbors
    states = np.array([[1 - 2 * (s >> k & 1) for k in range(4)] for s in range(16)])
    weights = np.exp(0.5 * np.einsum("si,ij,sj->s", states, coupling, states))
    exact = np.einsum("s,si,sj->ij", weights / weights.sum(), states, states)
    drawn = arrays["spins"].T @ arrays["spins"] / len(arrays["spins"])
    np.testing.assert_allclose(drawn, exact, atol=0.01)


def test_larger_magnets_have_the_moments_of_all_their_states() -> None:
    arrays = source("ising", side=3, n=100_000, strength=0.8).load("test", 1)
    coupling = arrays["couplings"][0]
    states = np.array([[1 - 2 * (s >> k & 1) for k in range(9)] for s in range(512)])
    weights = np.exp(0.5 * np.einsum("si,ij,sj->s", states, coupling, states))
    exact = np.einsum("s,si,sj->ij", weights / weights.sum(), states, states)
    drawn = arrays["spins"].T @ arrays["spins"] / len(arrays["spins"])
    np.testing.assert_allclose(drawn, exact, atol=0.03)


def test_couplings_are_the_same_in_both_splits() -> None:
    train, test = (source("ising").load(split, 4)["couplings"][0] for split in SPLITS)
    np.testing.assert_array_equal(train, test)


def test_the_covariance_of_the_gaussian_is_known() -> None:
    points = main_of(source("gaussian", d=3, rho=-0.5, n=50_000), "train")
    known = [[1, -0.5, 0.25], [-0.5, 1, -0.5], [0.25, -0.5, 1]]
    np.testing.assert_allclose(np.cov(points.T), known, atol=0.03)
    np.testing.assert_allclose(points.mean(0), 0, atol=0.03)


def test_blobs_stand_evenly_around_the_circle() -> None:
    arrays = source("ring", modes=5, noise=0.1).load("train", 0)
    which = arrays["label"].argmax(1)
    centers = np.array([arrays["point"][which == k].mean(0) for k in range(5)])
    np.testing.assert_allclose(np.linalg.norm(centers, axis=1), 1, atol=0.02)
    np.testing.assert_allclose(centers.mean(0), 0, atol=0.02)
    assert (arrays["point"] - centers[which]).std() == pytest.approx(0.1, rel=0.05)


def test_crescents_are_the_known_ones() -> None:
    arrays = source("moons", noise=0.0).load("train", 0)
    upper, lower = (arrays["point"][arrays["label"][:, k] == 1] for k in (0, 1))
    np.testing.assert_allclose(np.linalg.norm(upper, axis=1), 1)
    np.testing.assert_allclose(np.linalg.norm(lower - [1, 0.5], axis=1), 1)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5
    known, _ = cast("Any", datasets).make_moons(200)
    nearest = np.abs(known[:, None] - arrays["point"]).sum(axis=2).min(axis=1)
    assert nearest.max() < 0.05


def test_both_roots_are_there() -> None:
    arrays = source("roots").load("train", 0)
    np.testing.assert_allclose(arrays["y"] ** 2, arrays["x"])
    assert (arrays["y"] > 0).mean() == pytest.approx(0.5, abs=0.05)


def test_the_mean_of_the_futures_never_happens() -> None:
    arrays = source("futures").load("train", 0)
    ahead = arrays["y"] - arrays["x"]
    assert abs(ahead.mean()) < 0.05
    assert np.abs(ahead).min() > 0.5
    np.testing.assert_array_equal(ahead[:, 0] > 0, arrays["turn"].argmax(1) == 1)


def test_a_bump_is_where_it_is_said_to_be_and_moves_on_a_line() -> None:
    arrays = source("bumps", length=4, width=1.0).load("train", 0)
    frames, place = arrays["frames"][:, :, 0], arrays["place"]
    np.testing.assert_allclose(np.diff(place, n=2, axis=1), 0, atol=1e-12)
    found = frames.reshape(*frames.shape[:2], -1).argmax(-1)
    peaks = np.stack(np.unravel_index(found, frames.shape[2:]), axis=-1)
    assert np.abs(peaks - place).max() <= 0.5
