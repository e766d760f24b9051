"""`pad`: a dark frame around each image."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit, Shape, size
from ebmdsl.std.fields import only
from ebmdsl.std.images import as_images, image_field, image_shape

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("pad")
class Pad(Transform):
    """Put `n` zeros on each of the four sides; a flat image stays flat.

    References: LeCun, Bottou, Bengio & Haffner 1998, doi:10.1109/5.726791
    """

    n: int

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        image = image_field(fields)
        if isinstance(image, Misfit):
            return image
        if self.n < 0:
            return Misfit("there are at least 0 zeros on a side", option="n")
        low, high = min(image.low, 0.0), max(image.high, 0.0)
        large = replace(image, shape=_large(image.shape, self.n), low=low, high=high)
        return tuple(large if field.main else field for field in fields)

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        del state, rng
        name, x = only(arrays)
        sides = ((0, 0), (0, 0), (self.n, self.n), (self.n, self.n))
        framed = np.pad(as_images(x), sides)
        return {name: framed.reshape(len(x), *_large(x.shape[1:], self.n))}


def _large(shape: Shape, n: int) -> Shape:
    _, height, width = image_shape(shape) or (0, 0, 0)
    large = (height + 2 * n, width + 2 * n)
    return (size(large),) if len(shape) == 1 else (*shape[:-2], *large)
