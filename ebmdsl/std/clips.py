"""Pieces of video of different sizes on one canvas: NaN wherever a piece does not reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ebmdsl.std.fields import WrongDataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy import float64
    from numpy.random import Generator
    from numpy.typing import NDArray

    from ebmdsl.concepts.shape import Shape

ROUNDS = 30
"""How often places are drawn before what was found has to do."""


def sheets_of(clips: Sequence[NDArray[float64]], shape: Shape) -> NDArray[float64]:
    """Lay each clip [frames, h, w] into the first corner of its own sheet: [n, *shape]."""
    import numpy as np

    sheets: NDArray[Any] = np.full((len(clips), *shape), np.nan, np.float32)
    for sheet, clip in zip(sheets, clips, strict=True):
        frames, height, width = clip.shape
        sheet[:frames, :height, :width] = clip
    return sheets


def clips_on(sheets: NDArray[float64]) -> list[NDArray[float64]]:
    """Take the clips off their sheets again, each in its own size."""
    import numpy as np

    found: list[NDArray[float64]] = []
    for sheet in sheets:
        frames = int((~np.isnan(sheet[:, 0, 0])).sum())
        height = int((~np.isnan(sheet[0, :, 0])).sum())
        width = int((~np.isnan(sheet[0, 0])).sum())
        found.append(sheet[:frames, :height, :width])
    return found


def moving_windows(
    clips: Sequence[NDArray[float64]],
    span: tuple[int, int, int],
    *,
    count: int,
    rng: Generator,
    limits: tuple[int, float],
) -> NDArray[float64]:
    """Cut boxes of this span in which something moves; `limits` are gap and least change.

    Returns [count, frames, h, w] with the frames `gap` apart; fewer where little moves.
    """
    import numpy as np

    gap, least = limits
    found: list[NDArray[float64]] = []
    for _ in range(ROUNDS):
        missing = count - sum(len(one) for one in found)
        if missing <= 0:
            break
        cut = _windows(clips, span, count=2 * missing, rng=rng)[:, ::gap]
        found.append(cut[_change(cut) >= least][:missing])
    if count and not sum(len(one) for one in found):
        raise WrongDataError(f"nothing moves by {least} a frame in any of the clips")
    return np.concatenate(found) if found else np.empty((0, -(-span[0] // gap), *span[1:]))


def _change(windows: NDArray[float64]) -> NDArray[float64]:
    """Return how much the pixels change from frame to frame; a single frame has no still."""
    import numpy as np

    if windows.shape[1] == 1:
        return np.full(len(windows), np.inf)
    return np.abs(np.diff(windows, axis=1)).mean(axis=(1, 2, 3))


def _windows(
    clips: Sequence[NDArray[float64]],
    span: tuple[int, int, int],
    *,
    count: int,
    rng: Generator,
) -> NDArray[float64]:
    """Cut boxes at uniformly random times and places of all clips."""
    import numpy as np

    views = [
        np.lib.stride_tricks.sliding_window_view(clip, span)
        for clip in clips
        if all(have >= want for have, want in zip(clip.shape, span, strict=True))
    ]
    places = np.array([np.prod(view.shape[:3]) for view in views], float)
    if not places.any():
        raise WrongDataError(f"no clip has room for a window of {span[0]} frames of {span[1:]}")
    shares = rng.multinomial(count, places / places.sum())
    cut = [
        view[tuple(rng.integers(0, size, share) for size in view.shape[:3])]
        for view, share in zip(views, shares, strict=True)
    ]
    found = np.concatenate(cut)
    return found[rng.permutation(len(found))]
