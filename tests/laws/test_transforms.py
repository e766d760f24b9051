"""Every step of a pipeline: declared shapes, training statistics only, seeded, repeatable."""

from __future__ import annotations

from inspect import getdoc

import numpy as np
import pytest

from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import UNCUT
from ebmdsl.std.pictures import pictures_on, pixels, windows
from ebmdsl.std.transforms.abs import Abs
from ebmdsl.std.transforms.binarize import Binarize
from ebmdsl.std.transforms.classes import Classes
from ebmdsl.std.transforms.crop import Crop
from ebmdsl.std.transforms.crops import Crops
from ebmdsl.std.transforms.dequantize import Dequantize
from ebmdsl.std.transforms.flip import Flip
from ebmdsl.std.transforms.groups import Groups
from ebmdsl.std.transforms.halves import Halves
from ebmdsl.std.transforms.jigsaw import Jigsaw
from ebmdsl.std.transforms.jitter import Jitter
from ebmdsl.std.transforms.lcn import Lcn
from ebmdsl.std.transforms.lowrank import Lowrank
from ebmdsl.std.transforms.noise import Noise
from ebmdsl.std.transforms.none import Nothing
from ebmdsl.std.transforms.pad import Pad
from ebmdsl.std.transforms.paint import Paint
from ebmdsl.std.transforms.pairs import Pairs
from ebmdsl.std.transforms.patches import Patches
from ebmdsl.std.transforms.pca import Pca
from ebmdsl.std.transforms.pca_whiten import PcaWhiten
from ebmdsl.std.transforms.remove_mean import RemoveMean
from ebmdsl.std.transforms.reshape import Reshape
from ebmdsl.std.transforms.rotations import Rotations
from ebmdsl.std.transforms.shrink import Shrink
from ebmdsl.std.transforms.standardize import Standardize
from ebmdsl.std.transforms.translations import Translations
from ebmdsl.std.transforms.triplets import Triplets
from ebmdsl.std.transforms.unit_std import UnitStd
from ebmdsl.std.transforms.view import View
from ebmdsl.std.transforms.whiten import Whiten
from ebmdsl.std.transforms.windows import Windows
from ebmdsl.std.transforms.zca import Zca
from tests.laws.steps import (
    CASES,
    CLIPS,
    PICTURES,
    SIGNED,
    SQUARES,
    checked,
    given,
    images,
    outcome,
    run,
    samples,
)

every = pytest.mark.parametrize(
    ("step", "fields"), CASES, ids=[f"{step.word}-{f[0].domain}" for step, f in CASES]
)
on_samples = pytest.mark.parametrize(
    "step",
    [step for step, fields in CASES if fields in (SQUARES, SIGNED)],
    ids=lambda step: step.word,
)


def test_every_word_has_a_case() -> None:
    assert {step.word for step, _ in CASES} == set(words(Transform))


@pytest.mark.parametrize("word", words(Transform))
def test_a_step_says_what_it_is_and_where_it_comes_from(word: str) -> None:
    text = getdoc(find(Transform, word)) or ""
    assert text.split("\n\n")[0].endswith((".", "`."))
    assert text.partition("References: ")[2].strip()


@every
def test_arrays_match_the_declared_fields(step: Transform, fields: tuple[Field, ...]) -> None:
    declared = step.fields(fields)
    assert not isinstance(declared, Misfit)
    assert sum(field.main for field in declared) == 1
    arrays = outcome(step, fields)
    assert len({len(arrays[field.name]) for field in declared}) == 1
    for field in declared:
        x = arrays[field.name]
        known = x[~np.isnan(x)] if field.domain in UNCUT else x
        assert x.shape[1:] == field.shape
        assert np.isfinite(known).all()
        assert field.low <= known.min()
        assert known.max() <= field.high
        if field.domain == "binary":
            assert np.isin(known, (0.0, 1.0)).all()


@every
def test_a_step_is_redrawn_if_chance_changes_every_sample(
    step: Transform, fields: tuple[Field, ...]
) -> None:
    """Cutting windows draws a data set once; a random look at a sample is drawn anew."""
    changes = not np.array_equal(
        run(step, fields, seed=1), run(step, fields, seed=2), equal_nan=True
    )
    drawn = changes or isinstance(step, Pairs | Triplets | View)
    once = isinstance(step, Patches | Crops | Windows | Translations | Rotations | Paint)
    assert step.redrawn == (drawn and not once)


@every
def test_the_same_stream_gives_the_same_arrays(
    step: Transform, fields: tuple[Field, ...]
) -> None:
    np.testing.assert_array_equal(run(step, fields, seed=1), run(step, fields, seed=1))


@every
def test_the_input_is_left_alone(step: Transform, fields: tuple[Field, ...]) -> None:
    arrays = samples(fields, seed=0)
    before = {name: x.copy() for name, x in arrays.items()}
    handed = given(step, arrays)
    step.apply(handed, step.fit(handed), rng=np.random.default_rng(0))
    for name, x in before.items():
        np.testing.assert_array_equal(arrays[name], x)


@every
def test_only_the_fit_looks_at_the_training_split(
    step: Transform, fields: tuple[Field, ...]
) -> None:
    """What is fitted depends on the training samples; what is applied on each one alone."""
    state = step.fit(given(step, samples(fields, seed=0)))
    assert all(np.asarray(x).dtype.kind in "fi" for x in state.values())
    other = samples(fields, seed=5)
    if fields is PICTURES or fields is CLIPS or step.redrawn or isinstance(step, DRAWN):
        return
    name = next(field.name for field in checked(step, fields) if field.main)
    half = {key: x[:100] for key, x in other.items()}
    whole, part = (
        step.apply(given(step, each), state, rng=np.random.default_rng(0))[name]
        for each in (other, half)
    )
    np.testing.assert_allclose(part, whole[: len(part)], atol=1e-12)


DRAWN = (Rotations, Paint)


@on_samples
def test_constant_samples_stay_finite(step: Transform) -> None:
    flat = {"image": np.full((100, 64), 0.25), "label": np.eye(3)[np.arange(100) % 3]}
    handed = given(step, flat)
    out = step.apply(handed, step.fit(handed), rng=np.random.default_rng(0))
    assert all(np.isfinite(x).all() for x in out.values())


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
    [
        *(Patches(0), Patches(41), Patches(8, count=0)),
        *(Crops(0), Crops(41), Crops(8, count=0)),
        *(Translations(0), Translations(30, 12), Translations(3, 0), Translations(count=0)),
    ],
)
def test_impossible_windows_are_refused(step: Transform) -> None:
    assert isinstance(step.fields(PICTURES), Misfit)
    assert isinstance(step.fields(SQUARES), Misfit)


def test_a_window_larger_than_every_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="no picture has room"):
        windows([np.zeros((4, 9))], 5, count=1, rng=np.random.default_rng(0))


LETTERS = (Field("image", (64,), domain="token", low=0.0, high=26.0, main=True),)
BARE = SQUARES[:1]
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
    *((step, CLIPS) for step in (Binarize(), Standardize(), Pca(3), Whiten(), Crops(8))),
    *((step, PICTURES) for step in (Pca(3), Lowrank(3), Zca(), Noise(0.1), Dequantize(0.1))),
    *((step, PICTURES) for step in (Abs(), Groups(2), Reshape((40, 60)), Halves(), Pad(1))),
    *((step, PICTURES) for step in (Pairs(nearest=2), Triplets(), Windows(), Crop(), Flip())),
    *((step, PICTURES) for step in (Jitter(), Jigsaw(), Rotations(), Paint(), Shrink())),
    *((step, LETTERS) for step in (Crop(), Noise(0.1), Dequantize(1.0), Abs(), Lcn())),
    *((step, LETTERS) for step in (Binarize(), PcaWhiten(3), RemoveMean(), UnitStd(), Zca())),
    *((step, LETTERS) for step in (Standardize(), Pca(3), Lowrank(3), Whiten())),
    *((step, BARE) for step in (Triplets(), Pairs(same="label"), Classes((0, 1)))),
    (Abs(), SQUARES),
    (Classes((2, 1)), SQUARES),
    (Classes((0, 3)), SQUARES),
    (Dequantize(0.0), SQUARES),
    (Groups(0), SQUARES),
    (Halves(), (Field("image", (49,), main=True),)),
    (Halves(), (*SQUARES, Field("left", (3,)))),
    (Jigsaw(1), SQUARES),
    (Jigsaw(9), SQUARES),
    (Jitter(), SIGNED),
    (Lcn(0.0), SQUARES),
    (Lowrank(0), SQUARES),
    (Lowrank(65), SQUARES),
    (Noise(0.0), SQUARES),
    (Pad(-1), SQUARES),
    (Paint(), SIGNED),
    (Pairs(same="label"), (*SQUARES, Field("b", (3,)))),
    (Pca(0), SQUARES),
    (Pca(65), SQUARES),
    (Reshape((7, 9)), SQUARES),
    (Reshape((-8, -8)), SQUARES),
    (Rotations(frames=1), SQUARES),
    (Rotations(skip=2.0), SQUARES),
    (Shrink(0), SQUARES),
    (Shrink(9), SQUARES),
    (Triplets(), (*SQUARES, Field("c", (3,)))),
    (View(0, (Flip(),)), SQUARES),
    (View(9, (Flip(),)), SQUARES),
    (View(3, (Nothing(), Flip())), SQUARES),
    (View(2, (Standardize(),)), SQUARES),
    (View(2, (Pairs(nearest=5),)), SQUARES),
    (View(2, (View(2, (Flip(),)),)), SQUARES),
    (View(2, (Jitter(),)), SIGNED),
    (View(2, (Flip(),)), (*SQUARES, Field("b", (3,)))),
    (Windows(13), CLIPS),
    (Windows(3, gap=6), CLIPS),
    (Windows(3, 41), CLIPS),
    (Windows(3, 8, count=0), CLIPS),
    (Zca(floor=0.0), SQUARES),
    (Zca(), (Field("image", (5000,), main=True),)),
]


@pytest.mark.parametrize(("step", "fields"), REFUSED)
def test_what_makes_no_sense_is_refused_before_loading(
    step: Transform, fields: tuple[Field, ...]
) -> None:
    refused = step.fields(fields)
    assert isinstance(refused, Misfit)
    assert refused.reason


@pytest.mark.parametrize(
    ("step", "options"),
    [
        (Crop, (0.0, 1.0)),
        (Crop, (0.8, 0.6)),
        (Crop, (0.8, 1.2)),
        (Flip, (1.5,)),
        (Jitter, (1.5,)),
    ],
)
def test_shares_and_strengths_lie_between_zero_and_one(
    step: type[Crop] | type[Flip] | type[Jitter], options: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match="1"):
        step(*options)


def test_other_fields_are_kept() -> None:
    after = Whiten().fields(SQUARES)
    assert not isinstance(after, Misfit)
    assert after[1] == SQUARES[1]
    assert after[0].high == np.inf
