"""Reconstruction triplets: what was seen, what the model makes of it, what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ebmdsl.report.style import FAINT, FILTERS, HEADER, INK, MARGIN, Box, Page, bare

if TYPE_CHECKING:
    from pathlib import Path

    from numpy import float64, intp
    from numpy.typing import NDArray

TILE = 0.78
GAP = 0.08
LABEL = 1.05
ROWS = ("sample $y$", "model $\\hat y$", "error $y - \\hat y$")


def reconstruction_triplets(
    samples: NDArray[float64],
    answers: NDArray[float64],
    *,
    path: Path,
    title: str = "Reconstructions",
) -> Path:
    """Draw samples and answers [n, height, width] column by column, with their errors.

    The three pictures of a column share one gray scale, so errors can be judged by eye.
    """
    errors = samples - answers
    count = len(samples)
    page = Page(
        LABEL + count * (TILE + GAP) + 2 * MARGIN,
        HEADER + 3 * (TILE + GAP) + 0.25 + MARGIN,
        title=title,
        subtitle="the number is the share of the sample that is left over, ‖y − ŷ‖² / ‖y‖²",
    )
    for row, pictures in enumerate((samples, answers, errors)):
        _label(page, row)
        for column, picture in enumerate(pictures):
            _tile(page, picture, row=row, column=column, scale=_scale(samples[column]))
    for column, share in enumerate(left_over(samples, errors)):
        _caption(page, column, share=share)
    return page.save(path)


def left_over(samples: NDArray[float64], errors: NDArray[float64]) -> NDArray[float64]:
    """Return the share of each sample's squared length that its error keeps, [n]."""
    lengths = (samples**2).sum(axis=(1, 2))
    return (errors**2).sum(axis=(1, 2)) / np.where(lengths > 0, lengths, 1.0)


def lively(samples: NDArray[float64], *, count: int) -> NDArray[intp]:
    """Return the rows of the first samples with more contrast than half of all."""
    contrast = samples.reshape(len(samples), -1).std(axis=1)
    return np.flatnonzero(contrast >= np.median(contrast))[:count]


def _scale(picture: NDArray[float64]) -> tuple[float, float]:
    center, reach = float(picture.mean()), float(np.ptp(picture)) / 2 or 1.0
    return center, reach


def _tile(
    page: Page, picture: NDArray[float64], *, row: int, column: int, scale: tuple[float, float]
) -> None:
    axes = page.panel(_box(row, column))
    center = scale[0] if row < 2 else 0.0
    low, high = center - 1.2 * scale[1], center + 1.2 * scale[1]
    axes.imshow(picture, cmap=FILTERS, vmin=low, vmax=high, interpolation="nearest")
    bare(axes)


def _box(row: int, column: int) -> Box:
    left = MARGIN + LABEL + column * (TILE + GAP)
    return Box(left, HEADER + row * (TILE + GAP), TILE, TILE)


def _label(page: Page, row: int) -> None:
    axes = page.panel(Box(MARGIN, HEADER + row * (TILE + GAP), LABEL, TILE))
    axes.text(0, 0.5, ROWS[row], fontsize=9, color=INK, va="center")
    bare(axes)


def _caption(page: Page, column: int, *, share: float) -> None:
    box = _box(3, column)
    axes = page.panel(Box(box.left, box.top - 0.02, TILE, 0.2))
    axes.text(0.5, 0.5, f"{share:.0%}", fontsize=8, color=FAINT, ha="center", va="center")
    bare(axes)
