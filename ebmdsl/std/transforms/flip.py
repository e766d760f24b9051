"""`flip`: left and right exchanged in every other image."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import only
from ebmdsl.std.images import as_images, image_field

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("flip")
class Flip(Transform):
    """Mirror each image, left for right, with probability `p`; anew in each epoch.

    References: Krizhevsky, Sutskever & Hinton 2012, doi:10.1145/3065386
    """

    p: float = 0.5
    redrawn: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 <= self.p <= 1:
            raise ValueError(f"a probability lies between 0 and 1, not {self.p:g}")

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        image = image_field(fields)
        return image if isinstance(image, Misfit) else fields

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        del state
        name, x = only(arrays)
        images = as_images(x)
        mirrored = rng.random((len(x), 1, 1, 1)) < self.p
        return {name: np.where(mirrored, images[..., ::-1], images).reshape(x.shape)}
