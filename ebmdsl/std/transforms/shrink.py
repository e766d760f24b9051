"""`shrink`: images made smaller by averaging."""

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
@concept("shrink")
class Shrink(Transform):
    """Replace each block of `n` x `n` pixels by its mean; a flat image stays flat.

    Where the size is no multiple of `n`, the last rows and columns are left out.

    References: Gonzalez & Woods 2018, Digital image processing, section 2.4
    """

    n: int = 2

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        image = image_field(fields)
        if isinstance(image, Misfit):
            return image
        _, height, width = image_shape(image.shape) or (0, 0, 0)
        if not 1 <= self.n <= min(height, width):
            return Misfit(f"there are no blocks of {self.n} in {height} x {width} pixels")
        small = replace(image, shape=_small(image.shape, self.n), domain="real")
        return tuple(small if field.main else field for field in fields)

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del state, rng
        name, x = only(arrays)
        images = as_images(x)
        count, channels, height, width = images.shape
        rows, columns = height // self.n, width // self.n
        whole = images[:, :, : rows * self.n, : columns * self.n]
        blocks = whole.reshape(count, channels, rows, self.n, columns, self.n)
        return {name: blocks.mean(axis=(3, 5)).reshape(count, *_small(x.shape[1:], self.n))}


def _small(shape: Shape, n: int) -> Shape:
    _, height, width = image_shape(shape) or (0, 0, 0)
    small = (height // n, width // n)
    return (size(small),) if len(shape) == 1 else (*shape[:-2], *small)
