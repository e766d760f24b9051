"""The energy histogram: are data low and everything else high?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ebmdsl.report.style import COLORS, FAINT, HEADER, INK, MARGIN, Box, Page, frame

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy import float64
    from numpy.typing import NDArray

WIDTH, HEIGHT = 6.0, 3.0
BINS = 60


def energy_histogram(
    data: NDArray[float64],
    noise: NDArray[float64],
    *,
    path: Path,
    contrast: str = "noise",
    title: str = "Energies",
) -> Path:
    """Draw the energies of data [n] and of contrastive points [m] on one axis."""
    page = Page(
        WIDTH + 2 * MARGIN,
        HEIGHT + HEADER + MARGIN + 0.4,
        title=title,
        subtitle=f"{separation(data, noise):.1%} of pairs have the data below the {contrast}",
    )
    axes = page.panel(Box(MARGIN, HEADER + 0.25, WIDTH, HEIGHT))
    edges = _edges(data, noise)
    for energies, color, name in ((data, COLORS[0], "data"), (noise, COLORS[1], contrast)):
        _steps(axes, energies, edges=edges, color=color, name=name)
    _quantile(axes, float(np.quantile(data, 0.95)))
    frame(axes, x="energy F(y)")
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=9, labelcolor=INK, loc="upper right")
    return page.save(path)


def separation(data: NDArray[float64], noise: NDArray[float64]) -> float:
    """Return how often a data point is lower than a noise point (the area under the ROC)."""
    ordered = np.sort(noise)
    above = len(ordered) - np.searchsorted(ordered, data, side="right")
    ties = np.searchsorted(ordered, data, side="right") - np.searchsorted(ordered, data)
    return float((above + ties / 2).mean() / len(ordered))


def _edges(data: NDArray[float64], noise: NDArray[float64]) -> NDArray[float64]:
    both = np.concatenate((data, noise))
    low, high = float(both.min()), float(np.quantile(both, 0.995))
    return np.linspace(low, high if high > low else low + 1, BINS + 1)


def _steps(
    axes: Axes, energies: NDArray[float64], *, edges: NDArray[float64], color: str, name: str
) -> None:
    counts, _ = np.histogram(energies, edges)
    axes.stairs(counts / len(energies), edges, fill=True, color=color, alpha=0.35, label=name)
    axes.stairs(counts / len(energies), edges, color=color, lw=1.4)


def _quantile(axes: Axes, place: float) -> None:
    axes.axvline(place, color=FAINT, lw=0.9, ls=(0, (4, 3)))
    axes.annotate(
        "95% of the data",
        (place, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, 4),
        textcoords="offset points",
        fontsize=8,
        color=FAINT,
        ha="center",
    )
