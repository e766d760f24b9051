"""Steps that use statistics of the training split: the statistics are what they should be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ebmdsl.concepts.kinds import Transform
from ebmdsl.std.pictures import pictures_on
from ebmdsl.std.spectrum import cosines, low_pass, spectrum, zca
from ebmdsl.std.transforms.binarize import Binarize
from ebmdsl.std.transforms.lcn import Lcn
from ebmdsl.std.transforms.lowrank import Lowrank
from ebmdsl.std.transforms.pca import Pca
from ebmdsl.std.transforms.pca_whiten import PcaWhiten
from ebmdsl.std.transforms.remove_mean import RemoveMean
from ebmdsl.std.transforms.standardize import Standardize
from ebmdsl.std.transforms.unit_std import UnitStd
from ebmdsl.std.transforms.whiten import Whiten
from ebmdsl.std.transforms.zca import Zca
from tests.laws.steps import (
    images,
)


def test_whitening_leaves_the_covariance_of_a_low_pass() -> None:
    """With every eigenvalue above the floor, what is left is exactly the squared low-pass."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((4000, 64)) @ (np.eye(64) + 0.1 * rng.standard_normal((64, 64)))
    out = whitened(Whiten(0.4), x)
    covariance = np.cov(out.T, bias=True)
    passed = low_pass(8, 8, cutoff=0.4)
    expected = passed @ passed.T
    scale = 64 / np.trace(expected)
    np.testing.assert_allclose(covariance, scale * expected, atol=1e-10)


def test_whitening_natural_images_is_flat_where_it_passes() -> None:
    x = images(0, 3000)
    power = in_cosines(whitened(Whiten(0.4), x)).var(axis=0)
    before = in_cosines(x).var(axis=0)
    slow = radius() < 0.2
    assert before[slow].max() / before[slow].min() > 20
    assert power[slow].max() / power[slow].min() < 2
    assert power[radius() > 0.6].max() < 0.1 * power[slow].min()


def test_whitened_samples_have_variance_one() -> None:
    out = whitened(Whiten(0.4), images(0, 3000))
    assert out.var(axis=0).mean() == pytest.approx(1.0)
    np.testing.assert_allclose(out.mean(axis=0), 0.0, atol=1e-10)


def test_small_eigenvalues_are_not_blown_up() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3000, 64)) * np.where(np.arange(64) < 32, 1.0, 1e-6)
    gains = np.linalg.eigvalsh(zca(spectrum(x), 1e-3))
    assert gains.max() < 1.1 / np.sqrt(1e-3)


def test_pictures_are_whitened_by_one_filter() -> None:
    sheets = images(0, 6)
    step = Whiten(0.4)
    state = step.fit({"image": sheets})
    out = step.apply({"image": sheets}, state, rng=np.random.default_rng(0))["image"]
    np.testing.assert_array_equal(np.isnan(out), np.isnan(sheets))
    known = out[~np.isnan(out)]
    assert known.std() == pytest.approx(1.0)
    assert abs(known.mean()) < 0.2
    assert np.unravel_index(state["kernel"].argmax(), (15, 15)) == (7, 7)
    assert neighbors(sheets) > 0.8
    assert neighbors(out) < 0.5


def test_the_filter_of_pictures_is_a_correlation_that_mirrors_at_the_edges() -> None:
    sheets = images(0, 6)
    step = Whiten(0.4)
    state = step.fit({"image": sheets})
    out = step.apply({"image": sheets}, state, rng=np.random.default_rng(0))["image"]
    wide = np.pad(pictures_on(sheets)[2] - state["mean"], 7, mode="symmetric")
    for row, column in ((0, 0), (20, 11), (39, 39)):
        around = wide[row : row + 15, column : column + 15]
        assert out[2, row, column] == pytest.approx((around * state["kernel"]).sum())


def test_the_low_pass_damps_by_frequency_alone() -> None:
    matrix = low_pass(8, 8, cutoff=0.4)
    basis = np.kron(cosines(8), cosines(8))
    np.testing.assert_allclose(basis @ basis.T, np.eye(64), atol=1e-12)
    np.testing.assert_allclose(
        basis @ matrix @ basis.T, np.diag(np.exp(-((radius() / 0.4) ** 4))), atol=1e-12
    )


def test_leading_components_are_white() -> None:
    out = whitened(PcaWhiten(10), images(0, 2000))
    np.testing.assert_allclose(np.cov(out.T, bias=True), np.eye(10), atol=1e-9)


def test_every_entry_is_standardized() -> None:
    out = whitened(Standardize(), images(0, 500))
    np.testing.assert_allclose(out.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(out.std(axis=0), 1.0)


def test_every_sample_loses_its_own_mean_and_contrast() -> None:
    x = images(0, 500)
    centered = whitened(RemoveMean(), x)
    np.testing.assert_allclose(centered.mean(axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(centered - x, (centered - x)[:, :1] + np.zeros(64), atol=1e-12)
    np.testing.assert_allclose(whitened(UnitStd(floor=1e-6), x).std(axis=1), 1.0)


def test_binarized_entries_say_which_side_they_were_on() -> None:
    x = images(0, 50)
    np.testing.assert_array_equal(whitened(Binarize(0.4), x), x > 0.4)


def whitened(step: Transform, x: NDArray[np.float64]) -> NDArray[Any]:
    arrays = {"image": x}
    return step.apply(arrays, step.fit(arrays), rng=np.random.default_rng(0))["image"]


def neighbors(sheets: NDArray[np.float64]) -> float:
    """Return the correlation of adjacent pixels."""
    pairs = [(p[:, 1:].ravel(), p[:, :-1].ravel()) for p in pictures_on(sheets)]
    left, right = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return float(np.corrcoef(left, right)[0, 1])


def in_cosines(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return x @ np.kron(cosines(8), cosines(8)).T


def radius() -> NDArray[np.float64]:
    f = np.arange(8) / 16
    return np.hypot(f[:, None], f[None, :]).ravel()


def test_components_come_in_order_and_keep_their_variance() -> None:
    x = images(0, 2000)
    out = whitened(Pca(10), x)
    values = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1][:10]
    np.testing.assert_allclose(np.cov(out.T, bias=True), np.diag(values), atol=1e-9)


def test_flattened_samples_have_the_rank_and_are_the_nearest() -> None:
    x = images(0, 300)
    out = whitened(Lowrank(5), x)
    values = np.linalg.svd(x, compute_uv=False)
    assert np.linalg.matrix_rank(out, tol=1e-8) == 5
    assert np.linalg.norm(x - out) == pytest.approx(np.sqrt((values[5:] ** 2).sum()))


def test_zca_whitens_and_stays_close() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((3000, 27)) @ (np.eye(27) + 0.1 * rng.standard_normal((27, 27)))
    out = whitened(Zca(floor=1e-9), x.reshape(-1, 3, 3, 3)).reshape(-1, 27)
    np.testing.assert_allclose(np.cov(out.T, bias=True), np.eye(27), atol=1e-9)
    assert min(np.corrcoef(out[:, k], x[:, k])[0, 1] for k in range(27)) > 0.9


def test_colors_are_whitened_together() -> None:
    rng = np.random.default_rng(0)
    gray = images(0, 3000).reshape(-1, 1, 8, 8)
    x = np.concatenate((gray, 0.5 * gray), axis=1) + 0.1 * rng.random((3000, 2, 8, 8))
    out = whitened(Whiten(10.0), x).reshape(3000, -1)
    covariance = np.cov(out.T, bias=True)
    assert covariance.diagonal().mean() == pytest.approx(1.0)
    assert np.abs(covariance - np.diag(covariance.diagonal())).max() < 0.3
    between = np.corrcoef(x[:, 0].ravel(), x[:, 1].ravel())[0, 1]
    assert between > 0.8


def test_contrast_is_normalized_wherever_the_light_comes_from() -> None:
    lit = np.random.default_rng(0).random((50, 1, 24, 24)) * np.linspace(1, 4, 24)
    out = whitened(Lcn(2.0), lit)
    before, after = (x[..., -8:-2].std() / x[..., 2:8].std() for x in (lit, out))
    assert before > 1.2 * after
    assert abs(out.mean()) < 0.02


def test_a_flat_image_has_no_contrast() -> None:
    x = np.concatenate(
        (np.random.default_rng(0).random((9, 1, 12, 12)), np.ones((1, 1, 12, 12)))
    )
    out = whitened(Lcn(2.0), x)
    np.testing.assert_allclose(out[9], 0, atol=1e-12)


def test_pictures_are_normalized_each_in_its_own_size() -> None:
    sheets = images(0, 6)
    out = whitened(Lcn(2.0), sheets)
    np.testing.assert_array_equal(np.isnan(out), np.isnan(sheets))
    alone = whitened(Lcn(2.0), np.stack([pictures_on(sheets)[2]] * 2))
    ratio = pictures_on(out)[2] / alone[0]
    inside = np.abs(alone[0]) > 0.5
    assert ratio[inside].mean() > 0


@pytest.mark.parametrize("step", [Standardize(), Pca(3), PcaWhiten(3), Zca(), Whiten()])
def test_statistics_of_short_numbers_are_as_exact_as_of_long_ones(step: Transform) -> None:
    long = 1 + 0.001 * images(0, 2000).astype(np.float32).astype(np.float64)
    short = long.astype(np.float32)
    exact = step.fit({"image": short.astype(np.float64)})
    for name, x in step.fit({"image": short}).items():
        assert x.dtype == np.float64
        np.testing.assert_allclose(np.abs(x), np.abs(exact[name]), rtol=1e-6, atol=1e-6)
