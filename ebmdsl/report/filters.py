"""The filter grid: every column of a dictionary as a small picture."""

from __future__ import annotations

from math import ceil, isqrt, sqrt
from typing import TYPE_CHECKING

import numpy as np

from ebmdsl.report.style import FILTERS, HEADER, MARGIN, Box, Page, bare

if TYPE_CHECKING:
    from pathlib import Path

    from numpy import float64
    from numpy.typing import NDArray

WIDTH = 6.4
GAP = 1


def filter_grid(
    weights: NDArray[float64],
    path: Path,
    *,
    title: str = "Learned filters",
    scores: NDArray[float64] | None = None,
    ranking: str = "largest score first",
) -> Path:
    """Draw the columns of `weights` [pixels, k], ordered by falling score."""
    pictures = as_pictures(weights)
    ordered = pictures if scores is None else pictures[np.argsort(-scores, kind="stable")]
    sheet = tiled(ordered)
    height = WIDTH * sheet.shape[0] / sheet.shape[1]
    page = Page(
        WIDTH + 2 * MARGIN,
        height + HEADER + MARGIN,
        title=title,
        subtitle=_subtitle(pictures, "" if scores is None else ranking),
    )
    axes = page.panel(Box(MARGIN, HEADER, WIDTH, height))
    axes.imshow(sheet, cmap=FILTERS, vmin=-1, vmax=1, interpolation="nearest", aspect="auto")
    bare(axes)
    return page.save(path)


def as_pictures(weights: NDArray[float64]) -> NDArray[float64]:
    """Turn columns [pixels, k] into square pictures [k, side, side]."""
    side = isqrt(weights.shape[0])
    if side * side != weights.shape[0]:
        raise ValueError(f"{weights.shape[0]} entries are not the pixels of a square")
    return weights.T.reshape(-1, side, side)


def tiled(pictures: NDArray[float64]) -> NDArray[float64]:
    """Lay pictures [k, h, w] out row by row, each scaled to its own largest magnitude."""
    count, height, width = pictures.shape
    columns = ceil(sqrt(count * height / width))
    rows = ceil(count / columns)
    sheet = np.full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP), np.nan)
    for number, picture in enumerate(contrasted(pictures)):
        top, left = (number // columns) * (height + GAP), (number % columns) * (width + GAP)
        sheet[top : top + height, left : left + width] = picture
    return sheet


def contrasted(pictures: NDArray[float64]) -> NDArray[float64]:
    """Divide each picture by its largest magnitude, so that gray stays zero."""
    peaks = np.abs(pictures).max(axis=(1, 2), keepdims=True)
    return pictures / np.where(peaks > 0, peaks, 1.0)


def _subtitle(pictures: NDArray[float64], ranking: str) -> str:
    count, height, width = pictures.shape
    parts = [f"{count} tiles of {height} × {width} pixels", "each at its own contrast"]
    return ", ".join([*parts, ranking] if ranking else parts)
