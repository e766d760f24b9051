"""`rotations`: an image that turns, frame by frame."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import only
from ebmdsl.std.images import as_images, image_field, image_shape, rotated

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays

ROUND = 360.0


@final
@concept("rotations")
class Rotations(Transform):
    """Turn each image by `step` degrees a frame, from a random angle: [frames, c, h, w].

    Counterclockwise about the center, interpolated bilinearly; what comes in from outside
    is 0. With a probability of `skip` the last frame is one step further than expected;
    the field `skip` then says where it is.

    References: Goroshin, Mathieu & LeCun 2015, arXiv:1506.03011
    """

    frames: int = 3
    step: float = 20.0
    skip: float = 0.0

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        image = image_field(fields)
        if isinstance(image, Misfit):
            return image
        if self.frames < 2 or not 0 <= self.skip <= 1:
            return Misfit("there are at least 2 frames, and `skip` is a probability")
        shape = (self.frames, *(image_shape(image.shape) or image.shape))
        low, high = min(image.low, 0.0), max(image.high, 0.0)
        turning = replace(image, shape=shape, domain="real", low=low, high=high)
        known = tuple(turning if field.main else field for field in fields)
        return (*known, Field("skip", (), "binary", 0.0, 1.0)) if self.skip else known

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        del state
        name, x = only(arrays)
        images = as_images(x)
        start = rng.uniform(0, ROUND, len(x))
        skipped = rng.random(len(x)) < self.skip
        turns = np.arange(self.frames)[:, None] * np.ones(len(x))
        turns[-1] += skipped
        frames = [rotated(images, start + turn * self.step) for turn in turns]
        marks = {"skip": skipped.astype(np.float64)} if self.skip else {}
        return {name: np.stack(frames, axis=1), **marks}
