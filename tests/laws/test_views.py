"""Steps that look at samples: random views, frames, pairs, marks, halves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.std.clips import clips_on, moving_windows
from ebmdsl.std.fields import WrongDataError
from ebmdsl.std.images import resized, rotated
from ebmdsl.std.mates import by_distance, by_label
from ebmdsl.std.pictures import pictures_on
from ebmdsl.std.transforms.abs import Abs
from ebmdsl.std.transforms.classes import Classes
from ebmdsl.std.transforms.crop import Crop
from ebmdsl.std.transforms.dequantize import Dequantize
from ebmdsl.std.transforms.flip import Flip
from ebmdsl.std.transforms.groups import Groups
from ebmdsl.std.transforms.halves import Halves
from ebmdsl.std.transforms.jigsaw import Jigsaw
from ebmdsl.std.transforms.jitter import Jitter
from ebmdsl.std.transforms.noise import Noise
from ebmdsl.std.transforms.none import Nothing
from ebmdsl.std.transforms.pad import Pad
from ebmdsl.std.transforms.paint import Paint
from ebmdsl.std.transforms.pairs import Pairs
from ebmdsl.std.transforms.rotations import Rotations
from ebmdsl.std.transforms.shrink import Shrink
from ebmdsl.std.transforms.translations import Translations
from ebmdsl.std.transforms.triplets import Triplets
from ebmdsl.std.transforms.view import View
from ebmdsl.std.transforms.windows import Windows
from tests.laws.steps import CLIPS, PICTURES, SQUARES, checked, clips, images, outcome, run

LABELS = np.random.default_rng(0).integers(0, 3, 2000)
"""The labels that every sample of the laws has."""


def moved(step: Transform, x: NDArray[Any], *, seed: int = 0) -> NDArray[Any]:
    """Apply a step that remembers nothing to images."""
    return step.apply({"image": x}, {}, rng=np.random.default_rng(seed))["image"]


def slope(height: int, width: int) -> NDArray[np.float64]:
    """Return an image that is a plane: interpolation gives its values exactly."""
    down, across = np.mgrid[:height, :width]
    return (down + 10.0 * across)[None, None]


def test_a_whole_box_is_the_image_and_a_part_is_stretched() -> None:
    plane = slope(8, 6)
    np.testing.assert_allclose(resized(plane, np.array([[0.0, 0.0, 8.0, 6.0]])), plane)
    half = resized(plane, np.array([[2.0, 1.0, 4.0, 3.0]]))[0, 0]
    np.testing.assert_allclose(np.diff(half[1:-1], axis=0), 0.5, atol=1e-12)
    np.testing.assert_allclose(np.diff(half[:, 1:-1], axis=1), 5.0, atol=1e-12)
    assert half.mean() == pytest.approx(plane[0, 0, 2:6, 1:4].mean())


def test_a_crop_shows_a_part_between_its_bounds() -> None:
    plane = np.repeat(slope(30, 30), 500, axis=0)
    out = moved(Crop(0.25, 0.64), plane)[:, 0]
    sides = 29 * (out[:, 20, 15] - out[:, 10, 15]) / 10 / 29
    assert 0.5 - 1e-9 <= sides.min() < 0.53
    assert 0.77 < sides.max() <= 0.8 + 1e-9
    assert moved(Crop(1, 1), plane[:3]) == pytest.approx(plane[:3])


def test_a_quarter_turn_is_exact_and_counterclockwise() -> None:
    image = images(0, 20).reshape(20, 1, 8, 8)
    turned = rotated(image, np.full(20, 90.0))
    np.testing.assert_allclose(turned, np.rot90(image, axes=(2, 3)), atol=1e-12)


def test_turning_back_gives_the_smooth_middle_again() -> None:
    down, across = np.mgrid[:21, :21] - 10
    spot = np.exp(-((down - 2) ** 2 + across**2) / 30)[None, None]
    back = rotated(rotated(spot, np.array([25.0])), np.array([-25.0]))
    assert np.abs(back - spot)[0, 0, 6:15, 6:15].max() < 0.03


def test_half_of_the_images_are_mirrored() -> None:
    image = images(0, 1000).reshape(1000, 1, 8, 8)
    out = moved(Flip(), image)
    mirrored = (out == image[..., ::-1]).all(axis=(1, 2, 3))
    assert (mirrored | (out == image).all(axis=(1, 2, 3))).all()
    assert mirrored.mean() == pytest.approx(0.5, abs=0.06)
    np.testing.assert_array_equal(moved(Flip(p=1.0), image), image[..., ::-1])


def test_jitter_changes_brightness_and_contrast_alone() -> None:
    image = 0.4 + 0.2 * images(0, 400).reshape(400, 1, 8, 8)
    out = moved(Jitter(0.3), image)
    assert (
        min(np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(image, out, strict=True))
        > 0.999
    )
    gains = out.mean(axis=(1, 2, 3)) / image.mean(axis=(1, 2, 3))
    assert 0.7 - 1e-9 <= gains.min() < 0.72
    assert 1.28 < gains.max() <= 1.3 + 1e-9
    np.testing.assert_allclose(moved(Jitter(0.0), image), image)


@pytest.mark.parametrize(("side", "n"), [(9, 3), (28, 3), (8, 2)])
def test_a_puzzle_has_the_tiles_of_its_image(side: int, n: int) -> None:
    image = np.random.default_rng(1).random((6, 2, side, side))
    out = moved(Jigsaw(n), image)
    tile = side // n

    def tiles(one: NDArray[Any]) -> set[bytes]:
        corners = [(i * tile, j * tile) for i in range(n) for j in range(n)]
        return {one[:, i : i + tile, j : j + tile].tobytes() for i, j in corners}

    assert all(tiles(a) == tiles(b) for a, b in zip(image, out, strict=True))
    np.testing.assert_array_equal(out[:, :, n * tile :], image[:, :, n * tile :])
    assert (out != image).any(axis=(1, 2, 3)).mean() > 0.5


def test_views_are_drawn_apart_and_keep_what_belongs_to_their_sample() -> None:
    step = View(3, (Crop(0.3, 0.8), Flip()))
    declared = checked(step, SQUARES)
    assert [field.name for field in declared] == ["a", "b", "c", "label"]
    assert [field.main for field in declared] == [True, False, False, False]
    views = outcome(step, SQUARES)
    assert not np.array_equal(views["a"], views["b"])
    likeness = [np.corrcoef(views["a"][i], views["b"][i])[0, 1] for i in range(200)]
    strangers = [np.corrcoef(views["a"][i], views["b"][i + 1])[0, 1] for i in range(200)]
    assert np.mean(likeness) > np.mean(strangers) + 0.2


def test_with_none_the_steps_are_one_for_each_view() -> None:
    views = outcome(View(2, (Nothing(), Jigsaw(2))), SQUARES)
    np.testing.assert_array_equal(views["a"], views["image"])
    changed = (views["b"] != views["image"]).any(axis=1)
    assert changed.mean() > 0.9
    np.testing.assert_array_equal(np.sort(views["b"]), np.sort(views["image"]))


def test_frames_turn_by_equal_steps() -> None:
    frames = run(Rotations(frames=4, step=90.0), SQUARES)
    assert frames.shape[1:] == (4, 1, 8, 8)
    np.testing.assert_allclose(frames[:, 1:], np.rot90(frames[:, :-1], axes=(3, 4)), atol=0.35)
    still = run(Rotations(frames=2, step=0.0), SQUARES)
    np.testing.assert_array_equal(still[:, 0], still[:, 1])


def test_a_skipped_frame_is_one_step_further() -> None:
    found = outcome(Rotations(frames=3, step=180.0, skip=0.5), SQUARES)
    frames, skip = found["image"], found["skip"]
    assert skip.mean() == pytest.approx(0.5, abs=0.05)
    back = np.abs(frames[:, 2] - frames[:, 0]).max(axis=(1, 2, 3)) < 1e-9
    np.testing.assert_array_equal(back, skip == 0)
    assert "skip" not in {field.name for field in checked(Rotations(), SQUARES)}


def test_windows_lie_in_a_clip_and_move() -> None:
    sheets = clips(0)
    found = run(Windows(frames=3, size=8, gap=2, count=60, moving=0.01), CLIPS)[:, :, 0]
    assert found.shape == (60, 3, 8, 8)
    assert np.abs(np.diff(found, axis=1)).mean(axis=(1, 2, 3)).min() >= 0.01
    known = {
        view[t, i, j, ::2].astype(np.float32).tobytes()
        for clip in clips_on(sheets)
        for view in [np.lib.stride_tricks.sliding_window_view(clip, (5, 8, 8))]
        for t, i, j in np.ndindex(view.shape[:3])
    }
    assert {window.astype(np.float32).tobytes() for window in found} <= known


def test_where_nothing_moves_there_is_nothing_to_cut() -> None:
    still = [np.zeros((5, 9, 9))]
    rng = np.random.default_rng(0)
    with pytest.raises(WrongDataError, match="nothing moves"):
        moving_windows(still, (3, 4, 4), count=5, rng=rng, limits=(1, 0.1))
    with pytest.raises(WrongDataError, match="no clip has room"):
        moving_windows(still, (6, 4, 4), count=5, rng=rng, limits=(1, 0.0))
    assert len(moving_windows(still, (1, 4, 4), count=5, rng=rng, limits=(1, 0.1))) == 5


def test_a_patch_moves_by_one_pixel_a_frame() -> None:
    found = run(Translations(frames=4, size=6, count=30), PICTURES).reshape(-1, 4, 6, 6)
    np.testing.assert_array_equal(found[:, 1:, :, :-1], found[:, :-1, :, 1:])
    pictures = pictures_on(images(0, 6))
    known = {
        patch.tobytes()
        for picture in pictures
        for view in [np.lib.stride_tricks.sliding_window_view(picture, (6, 6))]
        for patch in view.reshape(-1, 6, 6)
    }
    assert {patch.tobytes() for patch in found.reshape(-1, 6, 6)} <= known


def test_mates_by_label_are_evenly_drawn_and_never_the_sample() -> None:
    labels = np.array([0] * 5 + [1] * 3 + [2] * 2)[np.random.default_rng(3).permutation(10)]
    counts = np.zeros((10, 10))
    for seed in range(3000):
        near, far = by_label(labels, np.random.default_rng(seed))
        assert (labels[near] == labels).all()
        assert (labels[far] != labels).all()
        assert (near != np.arange(10)).all()
        counts[np.arange(10), near] += 1
        counts[np.arange(10), far] += 1
    same = labels[:, None] == labels
    sizes = same.sum(1, keepdims=True)
    expected = 3000 * np.where(same, 1 / (sizes - 1), 1 / (10 - sizes))
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(counts, expected, atol=220)


def test_a_sample_alone_in_its_class_is_its_own_mate() -> None:
    near, _ = by_label(np.array([0, 1, 1]), np.random.default_rng(0))
    assert near.tolist() == [0, 2, 1]
    with pytest.raises(WrongDataError, match="same label"):
        by_label(np.zeros(4), np.random.default_rng(0))


def test_mates_by_distance_are_the_nearest_rows() -> None:
    x = np.random.default_rng(4).random((1500, 3))
    near, far = by_distance(x, 2, rng=np.random.default_rng(0))
    distances = np.linalg.norm(x[:, None] - x, axis=2)
    np.fill_diagonal(distances, np.inf)
    second = np.sort(distances, axis=1)[:, 1]
    rows = np.arange(1500)
    assert (distances[rows, near] <= second + 1e-9).all()
    assert (distances[rows, far] > second - 1e-9).all()
    assert (far != rows).all()
    assert len(by_distance(x[:0], 2, rng=np.random.default_rng(0))[0]) == 0
    with pytest.raises(WrongDataError, match="too few"):
        by_distance(x[:6], 5, rng=np.random.default_rng(0))


NUMBERED = {"image": np.arange(2000.0)[:, None], "label": np.eye(3)[LABELS]}
"""Samples that tell their rows."""


def mated(step: Transform) -> dict[str, NDArray[Any]]:
    """Return the rows of the mates that a step gives to numbered samples."""
    found = step.apply(NUMBERED, {}, rng=np.random.default_rng(0))
    return {name: x.astype(int).ravel() for name, x in found.items()}


def test_pairs_say_truly_whether_they_are_alike() -> None:
    found = mated(Pairs(same="label"))
    assert found["same"].mean() == 0.5
    np.testing.assert_array_equal(found["a"], np.arange(2000))
    np.testing.assert_array_equal(LABELS[found["b"]] == LABELS, found["same"] == 1)


def test_near_pairs_are_neighbors_and_the_others_are_not() -> None:
    found = mated(Pairs(nearest=2))
    apart = np.abs(found["b"] - found["a"])
    np.testing.assert_array_equal(apart <= 2, found["same"] == 1)


@pytest.mark.parametrize("options", [{}, {"same": "label", "nearest": 3}, {"nearest": -1}])
def test_pairs_are_alike_in_one_way(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="either"):
        Pairs(**options)


def test_triplets_are_a_sample_one_like_it_and_one_unlike_it() -> None:
    found = mated(Triplets())
    np.testing.assert_array_equal(LABELS[found["b"]], LABELS)
    assert (LABELS[found["c"]] != LABELS).all()


def test_some_classes_are_kept_and_counted_anew() -> None:
    found = outcome(Classes((1, 2)), SQUARES)
    expected = images(0, 2000)[LABELS >= 1]
    np.testing.assert_array_equal(found["image"], expected)
    np.testing.assert_array_equal(found["label"].argmax(1), LABELS[LABELS >= 1] - 1)
    assert (found["label"].sum(1) == 1).all()


def test_paint_marks_what_it_says_it_marks() -> None:
    found = outcome(Paint("bar", p=0.3), SQUARES)
    before, after = images(0, 2000), found["image"]
    changed = (before != after).any(axis=1)
    np.testing.assert_array_equal(changed, found["painted"] == 1)
    assert changed.mean() == pytest.approx(0.3, abs=0.04)
    bar = after[changed].reshape(-1, 8, 8)[:, 4]
    assert (bar == 1).all()
    inverse = outcome(Paint("inverse", p=1.0), SQUARES)["image"]
    np.testing.assert_allclose(inverse, 1 - before)


@pytest.mark.parametrize("options", [{"figure": "star"}, {"p": 1.5}])
def test_paint_knows_its_figures(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not"):
        Paint(**options)


def test_halves_are_left_and_right() -> None:
    found = outcome(Halves(), SQUARES)
    whole = found["image"].reshape(-1, 8, 8)
    np.testing.assert_array_equal(found["left"].reshape(-1, 8, 4), whole[:, :, :4])
    np.testing.assert_array_equal(found["right"].reshape(-1, 8, 4), whole[:, :, 4:])
    square = (Field("image", (3, 6, 4), main=True),)
    assert [field.shape for field in checked(Halves(), square)] == [(3, 6, 2), (3, 6, 2)]


def test_blocks_are_averaged_and_the_rest_is_left_out() -> None:
    image = np.random.default_rng(0).random((5, 2, 7, 9))
    out = moved(Shrink(3), image)
    assert out.shape == (5, 2, 2, 3)
    np.testing.assert_allclose(out[:, :, 1, 2], image[:, :, 3:6, 6:9].mean(axis=(2, 3)))
    np.testing.assert_allclose(
        moved(Shrink(8), images(0, 9)), images(0, 9).mean(1, keepdims=True)
    )


def test_padding_puts_the_image_in_the_middle() -> None:
    image = np.random.default_rng(0).random((5, 2, 7, 9)) + 1
    out = moved(Pad(2), image)
    np.testing.assert_array_equal(out[:, :, 2:-2, 2:-2], image)
    assert out.sum() == pytest.approx(image.sum())


def test_groups_are_consecutive_samples() -> None:
    rows = np.arange(22.0).reshape(11, 2)
    out = moved(Groups(4), rows)
    np.testing.assert_array_equal(out.reshape(8, 2), rows[:8])
    assert out.shape == (2, 4, 2)


def test_noise_has_the_law_it_names() -> None:
    x = images(0, 1000)
    uniform, normal = moved(Dequantize(0.25), x) - x, moved(Noise(0.25), x) - x
    assert 0 <= uniform.min() < 0.01
    assert 0.24 < uniform.max() < 0.25
    assert uniform.mean() == pytest.approx(0.125, abs=0.01)
    assert normal.std() == pytest.approx(0.25, rel=0.02)
    assert abs(normal.mean()) < 0.01


def test_signs_are_forgotten_and_bounds_follow() -> None:
    field = Field("image", (64,), low=-2.0, high=1.0, main=True)
    (after,) = checked(Abs(), (field,))
    assert (after.domain, after.low, after.high) == ("nonneg", 0.0, 2.0)
    unbounded = checked(Abs(), (Field("image", (64,), main=True),))
    assert unbounded[0].high == np.inf
