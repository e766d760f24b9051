"""Points in a plane: codes as they are, or in the two directions where they spread most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ebmdsl.report.style import COLORS, HEADER, MARGIN, Box, Page, frame

if TYPE_CHECKING:
    from pathlib import Path

    from numpy import float64
    from numpy.typing import NDArray

SIZE = 5.4
PLANE = 2


def scatter(points: NDArray[float64], path: Path, *, title: str) -> Path:
    """Draw points [n, d]: by their two coordinates, or by their principal components."""
    flat, share = planar(points)
    direct = points.shape[1] <= PLANE
    subtitle = f"{len(points)} samples"
    if not direct:
        subtitle += f", the two directions that hold {share:.0%} of the variance"
    page = Page(SIZE + 2 * MARGIN, SIZE + HEADER + MARGIN, title=title, subtitle=subtitle)
    axes = page.panel(Box(MARGIN, HEADER, SIZE, SIZE))
    axes.scatter(flat[:, 0], flat[:, 1], s=9, color=COLORS[0], alpha=0.5, linewidths=0)
    frame(axes)
    return page.save(path)


def planar(points: NDArray[float64]) -> tuple[NDArray[float64], float]:
    """Return points [n, 2] and the share of the variance that they keep."""
    if points.shape[1] <= PLANE:
        missing = PLANE - points.shape[1]
        return np.pad(points, ((0, 0), (0, missing))), 1.0
    centered = points - points.mean(0)
    _, sizes, axes = np.linalg.svd(centered, full_matrices=False)
    total = float(np.square(sizes).sum())
    share = float(np.square(sizes[:PLANE]).sum()) / total if total > 0 else 1.0
    return centered @ axes[:PLANE].T, share
