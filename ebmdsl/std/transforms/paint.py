"""`paint`: a mark on some of the images, and which ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import only
from ebmdsl.std.images import as_images, image_field

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays

FIGURES = ("bar", "inverse")
WIDTH = 9
"""A bar is as high as the image divided by this, and at least one pixel."""


@final
@concept("paint")
class Paint(Transform):
    """Mark each image with probability `p`; the field `painted` says which ones have it.

    A `bar` is a white beam across the middle, `inverse` exchanges black and white. So an
    attribute is known exactly that the pictures did not have before.

    References: Radford, Metz & Chintala 2016, arXiv:1511.06434
    """

    figure: str = "bar"
    p: float = 0.5

    def __post_init__(self) -> None:
        if self.figure not in FIGURES:
            raise ValueError(f"there is {' or '.join(FIGURES)} to paint, not {self.figure}")
        if not 0 <= self.p <= 1:
            raise ValueError(f"a probability lies between 0 and 1, not {self.p}")

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        image = image_field(fields)
        if isinstance(image, Misfit):
            return image
        if (image.low, image.high) != (0.0, 1.0):
            return Misfit("white is 1 and black is 0", "paint before anything else")
        return (*fields, Field("painted", (), "binary", 0.0, 1.0))

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        del state
        name, x = only(arrays)
        images = as_images(x)
        painted = rng.random(len(x)) < self.p
        marked = 1 - images if self.figure == "inverse" else images.copy()
        if self.figure == "bar":
            height = images.shape[2]
            half = max(1, height // WIDTH) // 2
            marked[:, :, height // 2 - half : height // 2 + half + 1] = 1.0
        chosen = np.where(painted[:, None, None, None], marked, images)
        return {name: chosen.reshape(x.shape), "painted": painted.astype(np.float64)}
