"""The tuning picture: which orientations the filters prefer, and how sharply."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ebmdsl.report.orientation import BINS, ORIENTED, Tuning
from ebmdsl.report.style import COLORS, FAINT, HEADER, MARGIN, RULE, Box, Page, frame

if TYPE_CHECKING:
    from pathlib import Path

WIDTH, HEIGHT = 2.9, 2.6


def tuning_picture(found: Tuning, path: Path) -> Path:
    """Draw the histogram of anisotropy beside the count of filters per orientation."""
    filled = int((found.counts > 0).sum())
    page = Page(
        2 * WIDTH + 2 * MARGIN + 1.1,
        HEIGHT + HEADER + MARGIN + 0.45,
        title="Orientation of the filters",
        subtitle=f"{found.share:.0%} are oriented (anisotropy above {ORIENTED}); "
        f"{filled} of {BINS} orientations occur",
    )
    _anisotropy(page, found)
    _orientations(page, found)
    return page.save(path)


def _anisotropy(page: Page, found: Tuning) -> None:
    axes = page.panel(Box(MARGIN + 0.3, HEADER + 0.15, WIDTH, HEIGHT))
    counts, edges = np.histogram(found.anisotropy, np.linspace(0, 1, 21))
    colors = [COLORS[0] if left >= ORIENTED - 1e-9 else RULE for left in edges[:-1]]
    axes.bar(edges[:-1], counts, width=0.046, align="edge", color=colors)
    axes.set_xlim(0, 1)
    frame(axes, x="spectral anisotropy", y="filters")


def _orientations(page: Page, found: Tuning) -> None:
    axes = page.panel(Box(MARGIN + WIDTH + 1.0, HEADER + 0.15, WIDTH, HEIGHT))
    centers = np.arange(BINS) * 180 / BINS
    axes.bar(centers, found.counts, width=19, color=COLORS[0])
    axes.set_xticks(centers, [f"{center:g}°" for center in centers])
    frame(axes, x="orientation of the wave vector")
    axes.tick_params(axis="x", labelsize=7, colors=FAINT)
