"""`halves`: the left and the right half of an image."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit, Shape, size
from ebmdsl.std.fields import only, others
from ebmdsl.std.images import as_images, image_field, image_shape

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("halves")
class Halves(Transform):
    """Cut each image down the middle into the fields `left` and `right`.

    A flat image gives flat halves, another one [channels, height, width / 2]. The data
    alone means the right half: what is to be predicted. A step behind this one changes the
    right half only.

    References: LeCun et al. 2006, A tutorial on energy-based learning
    """

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        image = image_field(fields)
        if isinstance(image, Misfit):
            return image
        if {field.name for field in others(fields)} & {"left", "right"}:
            return Misfit("the data has a field `left` or `right` already")
        half = _half(image.shape)
        if half is None:
            return Misfit("an odd number of columns has no halves")
        left = replace(image, name="left", shape=half, main=False)
        return left, replace(left, name="right", main=True), *others(fields)

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del state, rng
        _, x = only(arrays)
        shape = (len(x), *(_half(x.shape[1:]) or ()))
        middle = as_images(x).shape[3] // 2
        left, right = as_images(x)[..., :middle], as_images(x)[..., middle:]
        return {"left": left.reshape(shape), "right": right.reshape(shape)}


def _half(shape: Shape) -> Shape | None:
    """Return the shape of half an image, or None where there is no middle."""
    found = image_shape(shape)
    if found is None or found[2] % 2:
        return None
    if len(shape) == 1:
        return (size(shape) // 2,)
    return (*shape[:-1], shape[-1] // 2)
