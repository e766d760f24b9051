"""`jitter`: brightness and contrast at random."""

from __future__ import annotations

from dataclasses import replace
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
@concept("jitter")
class Jitter(Transform):
    r"""Change the brightness, then the contrast of each image; anew in each epoch.

    $x \to b\,x$, then $x \to \bar x + c\,(x - \bar x)$ about the image's own mean, each
    time cut to [0, 1]; b and c are uniform in [1 - `strength`, 1 + `strength`].

    References: Chen, Kornblith, Norouzi & Hinton 2020, arXiv:2002.05709
    """

    strength: float = 0.4
    redrawn: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise ValueError(f"a strength lies between 0 and 1, not {self.strength:g}")

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        image = image_field(fields)
        if isinstance(image, Misfit):
            return image
        if (image.low, image.high) != (0.0, 1.0):
            return Misfit("brightness needs pixels between 0 and 1", "put `jitter` earlier")
        return tuple(replace(one, domain="real") if one.main else one for one in fields)

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del state
        name, x = only(arrays)
        low, high = 1 - self.strength, 1 + self.strength
        brightness, contrast = rng.uniform(low, high, (2, len(x), 1, 1, 1))
        bright = (brightness * as_images(x)).clip(0, 1)
        mean = bright.mean(axis=(1, 2, 3), keepdims=True)
        return {name: (mean + contrast * (bright - mean)).clip(0, 1).reshape(x.shape)}
