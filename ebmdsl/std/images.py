"""Images as transforms see them: where their pixels are, and how to look between them."""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING, Any

from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import UNCUT, main_field

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from ebmdsl.concepts.kinds import Field
    from ebmdsl.concepts.shape import Shape

CHUNK = 4096
"""How many images are moved at a time, so that the coordinates of all never exist at once."""


def image_shape(shape: Shape) -> tuple[int, int, int] | None:
    """Return channels, height and width; a vector of a square number is one square channel.

    >>> image_shape((64,)), image_shape((3, 4, 5)), image_shape((8, 8))
    ((1, 8, 8), (3, 4, 5), None)
    """
    match shape:
        case (n,) if n > 0 and isqrt(n) ** 2 == n:
            return 1, isqrt(n), isqrt(n)
        case (channels, height, width) if min(channels, height, width) > 0:
            return channels, height, width
        case _:
            return None


def image_field(fields: tuple[Field, ...]) -> Field | Misfit:
    """Return the main field if its samples are images of one size, or why they are not."""
    main = main_field(fields)
    if main.domain in UNCUT:
        return Misfit("whole pictures differ in size", "cut `crops` or `windows` first")
    if main.domain == "token" or image_shape(main.shape) is None:
        return Misfit(f"`{main.name}` holds no images", "it needs [channels, height, width]")
    return main


def as_images(x: NDArray[Any]) -> NDArray[float64]:
    """Return samples as [n, channels, height, width]."""
    shape = image_shape(x.shape[1:])
    assert shape is not None  # `image_field` refused everything else
    return x.reshape(len(x), *shape)


def looked_up(
    images: NDArray[float64], *, down: NDArray[float64], across: NDArray[float64]
) -> NDArray[float64]:
    """Read images [n, c, h, w] at places [n, h', w'] by bilinear interpolation.

    Places count pixels from the center of the first one; outside there is nothing, 0.
    """
    import numpy as np

    parts = [slice(start, start + CHUNK) for start in range(0, len(images), CHUNK)]
    found = [_looked_up(images[part], down=down[part], across=across[part]) for part in parts]
    return np.concatenate(found) if found else images


def _looked_up(
    images: NDArray[float64], *, down: NDArray[float64], across: NDArray[float64]
) -> NDArray[float64]:
    import numpy as np

    top, left = np.floor(down).astype(np.int64), np.floor(across).astype(np.int64)
    below, right = down - top, across - left
    found = np.zeros((*images.shape[:2], *down.shape[1:]), images.dtype)
    for one, i, j in (
        ((1 - below) * (1 - right), top, left),
        ((1 - below) * right, top, left + 1),
        (below * (1 - right), top + 1, left),
        (below * right, top + 1, left + 1),
    ):
        found += one[:, None] * _pixels(images, rows=i, columns=j)
    return found


def _pixels(
    images: NDArray[float64], *, rows: NDArray[Any], columns: NDArray[Any]
) -> NDArray[float64]:
    """Read whole pixels, 0 outside."""
    import numpy as np

    count, channels, height, width = images.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    place = rows.clip(0, height - 1) * width + columns.clip(0, width - 1)
    flat = images.reshape(count, channels, height * width)
    got = np.take_along_axis(flat, place.reshape(count, 1, -1), axis=2)
    return np.where(inside[:, None], got.reshape(count, channels, *rows.shape[1:]), 0.0)


def resized(images: NDArray[float64], boxes: NDArray[float64]) -> NDArray[float64]:
    """Stretch boxes [n, (top, left, height, width)] of images to the size of the images."""
    import numpy as np

    height, width = images.shape[2:]
    top, left, tall, wide = (boxes[:, k, None] for k in range(4))
    down = top + (np.arange(height) + 0.5) * tall / height - 0.5
    across = left + (np.arange(width) + 0.5) * wide / width - 0.5
    rows, columns = _tents(down, height), _tents(across, width)
    return rows[:, None] @ images @ columns[:, None].swapaxes(2, 3)


def _tents(places: NDArray[float64], size: int) -> NDArray[float64]:
    """Return the weights of the pixels for linear interpolation, [n, places, size]."""
    import numpy as np

    inside = places.clip(0, size - 1)
    return np.maximum(0, 1 - np.abs(inside[:, :, None] - np.arange(size)))


def rotated(images: NDArray[float64], angles: NDArray[float64]) -> NDArray[float64]:
    """Turn images counterclockwise about their centers by angles [n] in degrees."""
    import numpy as np

    height, width = images.shape[2:]
    y, x = np.mgrid[:height, :width]
    y, x = y - (height - 1) / 2, x - (width - 1) / 2
    turn = np.deg2rad(angles)[:, None, None]
    down = y * np.cos(turn) + x * np.sin(turn) + (height - 1) / 2
    across = x * np.cos(turn) - y * np.sin(turn) + (width - 1) / 2
    return looked_up(images, down=down, across=across)
