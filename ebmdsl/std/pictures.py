"""Pictures of different sizes on one canvas: NaN wherever a picture does not reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy import float64
    from numpy.random import Generator
    from numpy.typing import NDArray

    from ebmdsl.concepts.shape import Shape


def canvas(pictures: Sequence[NDArray[float64]], shape: Shape) -> NDArray[float64]:
    """Lay each picture into the upper left corner of its own sheet: [n, height, width]."""
    import numpy as np

    sheets = np.full((len(pictures), *shape), np.nan)
    for sheet, picture in zip(sheets, pictures, strict=True):
        height, width = picture.shape
        sheet[:height, :width] = picture
    return sheets


def pictures_on(sheets: NDArray[float64]) -> list[NDArray[float64]]:
    """Take the pictures off their sheets again, each in its own size."""
    import numpy as np

    inside = ~np.isnan(sheets)
    heights = inside.any(axis=2).sum(axis=1)
    widths = inside.any(axis=1).sum(axis=1)
    return [
        sheet[:height, :width]
        for sheet, height, width in zip(sheets, heights, widths, strict=True)
    ]


def pixels(sheets: NDArray[float64]) -> int:
    """Count the pixels that belong to a picture."""
    import numpy as np

    return int(np.count_nonzero(~np.isnan(sheets)))


def windows(
    pictures: Sequence[NDArray[float64]], size: int, *, count: int, rng: Generator
) -> NDArray[float64]:
    """Cut `count` squares at uniformly random places of all pictures: [count, size, size]."""
    import numpy as np

    places = np.array(
        [max(0, h - size + 1) * max(0, w - size + 1) for h, w in _sizes(pictures)]
    )
    if count and not places.any():
        raise ValueError(f"no picture has room for a window of {size} x {size} pixels")
    shares = (
        rng.multinomial(count, places / places.sum()) if count else np.zeros(len(places), int)
    )
    cut = [
        _cut(picture, size, count=int(share), rng=rng)
        for picture, share in zip(pictures, shares, strict=True)
        if share
    ]
    found = np.concatenate(cut) if cut else np.empty((0, size, size))
    return found[rng.permutation(len(found))]


def _sizes(pictures: Sequence[NDArray[float64]]) -> list[tuple[int, int]]:
    return [(picture.shape[0], picture.shape[1]) for picture in pictures]


def _cut(
    picture: NDArray[float64], size: int, *, count: int, rng: Generator
) -> NDArray[float64]:
    import numpy as np

    views = np.lib.stride_tricks.sliding_window_view(picture, (size, size))
    rows = rng.integers(0, views.shape[0], count)
    columns = rng.integers(0, views.shape[1], count)
    return views[rows, columns]
