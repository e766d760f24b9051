"""For every sample one that is alike and one that is not: by label, or by distance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ebmdsl.std.fields import WrongDataError

if TYPE_CHECKING:
    from numpy import bool_, float64, int64
    from numpy.random import Generator
    from numpy.typing import NDArray

    Mates = tuple[NDArray[int64], NDArray[int64]]

CHUNK = 1024
"""How many samples are compared with all others at a time."""


def by_label(labels: NDArray[Any], rng: Generator) -> Mates:
    """Draw for each row another one of its class and one of another class.

    A sample that is alone in its class is its own mate.
    """
    import numpy as np

    order = np.argsort(labels, kind="stable")
    _, place, sizes = np.unique(labels[order], return_index=True, return_counts=True)
    if len(sizes) < 2 and len(labels):
        raise WrongDataError("all samples have the same label, so no two are different")
    own = np.repeat(np.arange(len(sizes)), sizes)
    start, size, rank = place[own], sizes[own], np.arange(len(labels))
    step = 1 + (rng.random(len(labels)) * (size - 1)).astype(np.int64)
    near = start + (rank - start + step) % size
    far = (rng.random(len(labels)) * (len(labels) - size)).astype(np.int64)
    far += np.where(far >= start, size, 0)
    back = np.argsort(order)
    return order[near][back], order[far][back]


def by_distance(x: NDArray[float64], count: int, *, rng: Generator) -> Mates:
    """Draw for each row one of its `count` nearest rows, and one that is not among them."""
    import numpy as np

    if not len(x):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    if len(x) < count + 2:
        raise WrongDataError(f"{len(x)} samples are too few for {count} neighbors and others")
    close = _nearest(x.reshape(len(x), -1), count)
    rows = np.arange(len(x))
    near = close[rows, rng.integers(0, count, len(x))]
    far = rng.integers(0, len(x), len(x))
    while (again := _is_close(far, close)).any():
        far[again] = rng.integers(0, len(x), int(again.sum()))
    return near, far


def _is_close(far: NDArray[int64], close: NDArray[int64]) -> NDArray[bool_]:
    import numpy as np

    return (close == far[:, None]).any(axis=1) | (far == np.arange(len(far)))


def _nearest(rows: NDArray[float64], count: int) -> NDArray[int64]:
    """Return the numbers of the nearest other rows of each row, [n, count]."""
    import numpy as np

    found = np.empty((len(rows), count), np.int64)
    squares = (rows**2).sum(axis=1)
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        distances = squares - 2 * rows[part] @ rows.T
        distances[np.arange(len(distances)), np.arange(len(rows))[part]] = np.inf
        found[part] = np.argpartition(distances, count - 1, axis=1)[:, :count]
    return found
