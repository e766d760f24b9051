"""Every step of a pipeline: declared shapes, training statistics only, seeded, repeatable."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ebmdsl.concepts.base import words
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import PICTURE
from ebmdsl.std.pictures import canvas, pictures_on, pixels, windows
from ebmdsl.std.spectrum import cosines, low_pass, spectrum, zca
from ebmdsl.std.transforms.binarize import Binarize
from ebmdsl.std.transforms.crops import Crops
from ebmdsl.std.transforms.patches import Patches
from ebmdsl.std.transforms.pca_whiten import PcaWhiten
from ebmdsl.std.transforms.remove_mean import RemoveMean
from ebmdsl.std.transforms.standardize import Standardize
from ebmdsl.std.transforms.unit_std import UnitStd
from ebmdsl.std.transforms.whiten import Whiten

PICTURES = (Field("image", (40, 60), domain=PICTURE, low=0.0, high=1.0, main=True),)
SQUARES = (Field("image", (64,), low=0.0, high=1.0, main=True), Field("label", (3,)))
CASES: list[tuple[Transform, tuple[Field, ...]]] = [
    (Patches(8, count=500), PICTURES),
    (Crops(9, count=100), PICTURES),
    (Whiten(0.4), PICTURES),
    (Whiten(0.4), SQUARES),
    (PcaWhiten(10), SQUARES),
    (RemoveMean(), SQUARES),
    (UnitStd(), SQUARES),
    (Standardize(), SQUARES),
    (Binarize(0.5), SQUARES),
]
every = pytest.mark.parametrize(
    ("step", "fields"), CASES, ids=[f"{step.word}-{f[0].domain}" for step, f in CASES]
)
on_samples = pytest.mark.parametrize(
    "step", [step for step, fields in CASES if fields is SQUARES], ids=lambda step: step.word
)


def smooth(rng: np.random.Generator, height: int, width: int) -> NDArray[np.float64]:
    """Draw a picture with the falling spectrum of natural ones, in [0, 1]."""
    down, across = np.fft.fftfreq(height), np.fft.fftfreq(width)
    falling = 1 / (np.hypot(down[:, None], across[None, :]) + 0.03) ** 1.5
    wave = np.fft.fft2(rng.standard_normal((height, width))) * falling
    picture = np.fft.ifft2(wave).real
    return (picture - picture.min()) / np.ptp(picture)


def images(seed: int, count: int) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    if count > 6:
        sheets = [smooth(rng, 100, 100) for _ in range(10)]
        return windows(sheets, 8, count=count, rng=rng).reshape(count, 64)
    return canvas([smooth(rng, 40, 30 + 5 * i) for i in range(count)], (40, 60))


def samples(fields: tuple[Field, ...], *, seed: int) -> dict[str, NDArray[Any]]:
    return {"image": images(seed, 6 if fields is PICTURES else 2000)}


def run(step: Transform, fields: tuple[Field, ...], *, seed: int = 0) -> NDArray[Any]:
    arrays = samples(fields, seed=0)
    return step.apply(arrays, step.fit(arrays), rng=np.random.default_rng(seed))["image"]


def test_every_word_has_a_case() -> None:
    assert {step.word for step, _ in CASES} == set(words(Transform))


@every
def test_arrays_match_the_declared_fields(step: Transform, fields: tuple[Field, ...]) -> None:
    declared = step.fields(fields)
    assert not isinstance(declared, Misfit)
    main = next(field for field in declared if field.main)
    x = run(step, fields)
    known = x[~np.isnan(x)] if main.domain == PICTURE else x
    assert x.shape[1:] == main.shape
    assert np.isfinite(known).all()
    assert main.low <= known.min()
    assert known.max() <= main.high


@every
def test_the_same_stream_gives_the_same_arrays(
    step: Transform, fields: tuple[Field, ...]
) -> None:
    np.testing.assert_array_equal(run(step, fields, seed=1), run(step, fields, seed=1))


@every
def test_the_input_is_left_alone(step: Transform, fields: tuple[Field, ...]) -> None:
    arrays = samples(fields, seed=0)
    before = arrays["image"].copy()
    step.apply(arrays, step.fit(arrays), rng=np.random.default_rng(0))
    np.testing.assert_array_equal(arrays["image"], before)


@every
def test_only_the_fit_looks_at_the_training_split(
    step: Transform, fields: tuple[Field, ...]
) -> None:
    state = step.fit(samples(fields, seed=0))
    other = samples(fields, seed=5)
    whole = step.apply(other, state, rng=np.random.default_rng(0))["image"]
    if fields is SQUARES:
        half = {"image": other["image"][:10]}
        part = step.apply(half, state, rng=np.random.default_rng(0))["image"]
        np.testing.assert_allclose(part, whole[:10], atol=1e-12)
    assert all(np.asarray(x).dtype.kind in "fi" for x in state.values())


@on_samples
def test_constant_samples_stay_finite(step: Transform) -> None:
    flat = {"image": np.full((20, 64), 0.25)}
    out = step.apply(flat, step.fit(flat), rng=np.random.default_rng(0))["image"]
    assert np.isfinite(out).all()


@pytest.mark.parametrize("step", [Patches(8, count=400), Crops(8, count=400)])
def test_windows_are_really_in_a_picture(step: Transform) -> None:
    sheets = images(0, 2)
    found = step.apply(
        {"image": sheets}, step.fit({"image": sheets}), rng=np.random.default_rng(0)
    )
    squares = found["image"].reshape(-1, 8, 8)
    assert len(squares) == 400
    views = [np.lib.stride_tricks.sliding_window_view(p, (8, 8)) for p in pictures_on(sheets)]
    known = {view[i, j].tobytes() for view in views for i, j in np.ndindex(view.shape[:2])}
    assert {square.tobytes() for square in squares} <= known


@pytest.mark.parametrize("step", [Patches(8, count=400), Crops(8, count=400)])
def test_a_smaller_split_gives_fewer_windows(step: Transform) -> None:
    sheets = images(0, 6)
    half = {"image": sheets[:2]}
    found = step.apply(half, step.fit({"image": sheets}), rng=np.random.default_rng(0))
    assert len(found["image"]) == round(400 * pixels(sheets[:2]) / pixels(sheets))


@pytest.mark.parametrize(
    "step",
    [Patches(0), Patches(41), Patches(8, count=0), Crops(0), Crops(41), Crops(8, count=0)],
)
def test_impossible_windows_are_refused(step: Transform) -> None:
    assert isinstance(step.fields(PICTURES), Misfit)
    assert isinstance(step.fields(SQUARES), Misfit)


def test_a_window_larger_than_every_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="no picture has room"):
        windows([np.zeros((4, 9))], 5, count=1, rng=np.random.default_rng(0))


REFUSED: list[tuple[Transform, tuple[Field, ...]]] = [
    (Whiten(0.0), SQUARES),
    (Whiten(0.4), (Field("image", (63,), main=True),)),
    (Whiten(0.4), (Field("image", (1, 80, 80), main=True),)),
    (PcaWhiten(65), SQUARES),
    (PcaWhiten(0), SQUARES),
    (Binarize(1.0), SQUARES),
    (UnitStd(floor=0.0), SQUARES),
    *((step, PICTURES) for step in (PcaWhiten(3), RemoveMean(), UnitStd(), Standardize())),
    (Binarize(), PICTURES),
]


@pytest.mark.parametrize(("step", "fields"), REFUSED)
def test_what_makes_no_sense_is_refused_before_loading(
    step: Transform, fields: tuple[Field, ...]
) -> None:
    refused = step.fields(fields)
    assert isinstance(refused, Misfit)
    assert refused.reason


def test_other_fields_are_kept() -> None:
    after = Whiten().fields(SQUARES)
    assert not isinstance(after, Misfit)
    assert after[1] == SQUARES[1]
    assert after[0].high == np.inf


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
