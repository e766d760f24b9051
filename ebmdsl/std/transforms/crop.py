"""`crop`: a random part of an image, brought back to its size."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import only
from ebmdsl.std.images import as_images, image_field, resized

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("crop")
class Crop(Transform):
    """Cut a random box out of each image and stretch it to the whole, bilinearly.

    The box covers a share of the area between `least` and `most` and has the proportions
    of the image. It is drawn anew in each epoch of training.

    References: Szegedy et al. 2015, doi:10.1109/CVPR.2015.7298594
    """

    least: float = 0.6
    most: float = 1.0
    redrawn: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 < self.least <= self.most <= 1:
            shares = f"{self.least:g} to {self.most:g}"
            raise ValueError(f"shares of an area go up to 1, not {shares}")

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        image = image_field(fields)
        if isinstance(image, Misfit):
            return image
        return tuple(replace(one, domain="real") if one.main else one for one in fields)

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        del state
        name, x = only(arrays)
        images = as_images(x)
        size = np.array(images.shape[2:])
        boxes = np.sqrt(rng.uniform(self.least, self.most, (len(x), 1))) * size
        corners = rng.random((len(x), 2)) * (size - boxes)
        cut = resized(images, np.concatenate((corners, boxes), axis=1))
        return {name: cut.reshape(x.shape)}
