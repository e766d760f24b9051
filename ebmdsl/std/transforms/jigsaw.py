"""`jigsaw`: the tiles of an image in another order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import only
from ebmdsl.std.images import as_images, image_field, image_shape

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("jigsaw")
class Jigsaw(Transform):
    """Cut each image into `n` x `n` equal tiles and shuffle them; anew in each epoch.

    Where the size is no multiple of `n`, the last rows and columns stay as they are.

    References: Noroozi & Favaro 2016, arXiv:1603.09246
    """

    n: int = 3
    redrawn: ClassVar[bool] = True

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        image = image_field(fields)
        if isinstance(image, Misfit):
            return image
        least = min((image_shape(image.shape) or image.shape)[1:])
        if not 2 <= self.n <= least:
            return Misfit(f"there are 2 to {least} tiles a side, not {self.n}", option="n")
        return fields

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        del state
        name, x = only(arrays)
        images = as_images(x).copy()
        count, channels, height, width = images.shape
        tall, wide = height // self.n, width // self.n
        inside = images[:, :, : tall * self.n, : wide * self.n]
        tiles = inside.reshape(count, channels, self.n, tall, self.n, wide)
        tiles = tiles.transpose(0, 2, 4, 1, 3, 5).reshape(count, self.n**2, -1)
        order = rng.permuted(np.tile(np.arange(self.n**2), (count, 1)), axis=1)
        mixed = np.take_along_axis(tiles, order[:, :, None], axis=1)
        mixed = mixed.reshape(count, self.n, self.n, channels, tall, wide)
        inside[...] = mixed.transpose(0, 3, 1, 4, 2, 5).reshape(inside.shape)
        return {name: images.reshape(x.shape)}
