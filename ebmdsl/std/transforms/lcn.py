"""`lcn`: every pixel compared with its surroundings."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import PICTURE, main_field, only, unbounded
from ebmdsl.std.images import as_images, image_field
from ebmdsl.std.pictures import canvas, pictures_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy import float64
    from numpy.random import Generator
    from numpy.typing import NDArray

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("lcn")
class Lcn(Transform):
    r"""Local contrast normalization: subtract the local mean, divide by the local deviation.

    $v = x - G_\sigma * x$ and $v / \max(c, \sqrt{G_\sigma * v^2})$, with a Gaussian of
    width `width` pixels that mirrors at the edges and c the mean deviation over the
    training split. Channels share mean and deviation.

    References: Jarrett, Kavukcuoglu, Ranzato & LeCun 2009, doi:10.1109/ICCV.2009.5459469
    """

    width: float = 3.0

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        image = None if main_field(fields).domain == PICTURE else image_field(fields)
        if isinstance(image, Misfit):
            return image
        return unbounded(fields) if self.width > 0 else Misfit("a width is positive")

    def fit(self, train: Arrays) -> Arrays:
        import numpy as np

        x = only(train)[1]
        deviations = _each(x, lambda image: _surroundings(image, self.width)[1])
        return {"floor": np.array(np.nanmean(deviations))}

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        del rng
        name, x = only(arrays)
        least = max(float(state["floor"]), float(np.finfo(float).tiny))

        def normalized(image: NDArray[float64]) -> NDArray[float64]:
            centered, deviation = _surroundings(image, self.width)
            return centered / np.maximum(deviation, least)

        return {name: _each(x, normalized)}


def _each(
    x: NDArray[float64], change: Callable[[NDArray[float64]], NDArray[float64]]
) -> NDArray[float64]:
    """Change images [n, c, h, w] at once, or the pictures of a canvas one by one."""
    import numpy as np

    if x.ndim != 3:
        return np.broadcast_to(change(as_images(x)), as_images(x).shape).reshape(x.shape)
    changed = [change(picture[None, None])[0, 0] for picture in pictures_on(x)]
    return canvas(changed, x.shape[1:])


def _surroundings(
    images: NDArray[float64], width: float
) -> tuple[NDArray[float64], NDArray[float64]]:
    """Return images without their local mean, and the local deviation that is left."""
    import numpy as np

    down, across = (_blur(size, width) for size in images.shape[2:])
    gray = images.mean(axis=1, keepdims=True)
    centered = images - down @ gray @ across.T
    squares = (centered**2).mean(axis=1, keepdims=True)
    return centered, np.sqrt(down @ squares @ across.T)


def _blur(size: int, width: float) -> NDArray[float64]:
    """Return the matrix of a Gaussian blur of `size` pixels in a row, mirrored at the ends."""
    import numpy as np

    reach = np.arange(-int(3 * width) - 1, int(3 * width) + 2)
    weights = np.exp(-0.5 * (reach / width) ** 2)
    places = (np.arange(size)[:, None] + reach) % (2 * size)
    mirrored = np.where(places < size, places, 2 * size - 1 - places)
    matrix = np.zeros((size, size))
    np.add.at(matrix, (np.arange(size)[:, None], mirrored), weights / weights.sum())
    return matrix
