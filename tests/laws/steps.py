"""Steps of pipelines for the laws: an example of each, and samples to try it on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.clips import sheets_of
from ebmdsl.std.fields import CLIP, PICTURE
from ebmdsl.std.pictures import canvas, windows
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

PICTURES = (Field("image", (40, 60), domain=PICTURE, low=0.0, high=1.0, main=True),)
SQUARES = (
    Field("image", (64,), low=0.0, high=1.0, main=True),
    Field("label", (3,), domain="onehot", low=0.0, high=1.0),
)
CLIPS = (Field("image", (12, 40, 60), domain=CLIP, low=0.0, high=1.0, main=True),)
SIGNED = (replace(SQUARES[0], low=-1.0), SQUARES[1])
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
    (Abs(), SIGNED),
    (Classes((1, 2)), SQUARES),
    (Crop(0.6, 1.0), SQUARES),
    (Dequantize(1 / 16), SQUARES),
    (Flip(), SQUARES),
    (Groups(50), SQUARES),
    (Halves(), SQUARES),
    (Jigsaw(3), SQUARES),
    (Jitter(0.4), SQUARES),
    (Lcn(3.0), SQUARES),
    (Lcn(3.0), PICTURES),
    (Lowrank(5), SQUARES),
    (Noise(0.1), SQUARES),
    (Nothing(), SQUARES),
    (Pad(2), SQUARES),
    (Paint("bar"), SQUARES),
    (Paint("inverse"), SQUARES),
    (Pairs(same="label"), SQUARES),
    (Pairs(nearest=5), SQUARES),
    (Pca(10), SQUARES),
    (Reshape((1, 8, 8)), SQUARES),
    (Rotations(skip=0.5), SQUARES),
    (Shrink(2), SQUARES),
    (Translations(5, 8, count=100), PICTURES),
    (Triplets(), SQUARES),
    (View(2, (Crop(), Flip(), Jitter())), SQUARES),
    (View(2, (Nothing(), Jigsaw())), SQUARES),
    (Windows(3, 8, count=100), CLIPS),
    (Zca(), SQUARES),
]


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


def clips(seed: int) -> NDArray[np.float64]:
    """Draw clips of different sizes: smooth pictures that move to the left."""
    rng = np.random.default_rng(seed)
    shown = [smooth(rng, 40, 90) for _ in range(3)]
    sizes = ((12, 40), (9, 60), (11, 50))
    moving = [
        np.stack([picture[: width // 2 + 10, 2 * t : 2 * t + width] for t in range(frames)])
        for picture, (frames, width) in zip(shown, sizes, strict=True)
    ]
    return sheets_of(moving, (12, 40, 60))


def samples(fields: tuple[Field, ...], *, seed: int) -> dict[str, NDArray[Any]]:
    """Draw samples of declared fields, the main one first."""
    main = fields[0]
    if main.domain == CLIP:
        return {"image": clips(seed)}
    if main.domain == PICTURE:
        return {"image": images(seed, 6)}
    labels = np.random.default_rng(seed).integers(0, 3, 2000)
    return {"image": images(seed, 2000) * (1 - main.low) + main.low, "label": np.eye(3)[labels]}


def given(step: Transform, arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return what a step is handed."""
    return arrays if step.whole else {"image": arrays["image"]}


def outcome(
    step: Transform, fields: tuple[Field, ...], *, seed: int = 0
) -> dict[str, NDArray[Any]]:
    """Fit and apply a step, and keep what it leaves alone."""
    arrays = samples(fields, seed=0)
    handed = given(step, arrays)
    return {**arrays, **step.apply(handed, step.fit(handed), rng=np.random.default_rng(seed))}


def run(step: Transform, fields: tuple[Field, ...], *, seed: int = 0) -> NDArray[Any]:
    """Return the main field after a step."""
    declared = step.fields(fields)
    assert not isinstance(declared, Misfit)
    name = next(field.name for field in declared if field.main)
    return outcome(step, fields, seed=seed)[name]


def checked(step: Transform, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Return what a step declares, which is no refusal."""
    declared = step.fields(fields)
    assert not isinstance(declared, Misfit)
    return declared
