"""The energy surface: F over a plane, its low part, the data on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np
from numpy import float64
from numpy.typing import NDArray

from ebmdsl.report.style import (
    ACCENT,
    ENERGY,
    FAINT,
    HEADER,
    MARGIN,
    Box,
    Page,
    frame,
    write_text,
)

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

Energy = Callable[[NDArray[float64]], NDArray[float64]]
CHUNK = 8192
SIDE = 4.9
LOW = 0.95
SHOWN = 2000


@final
@dataclass(frozen=True, slots=True)
class Plane:
    """A rectangle in sample space: `origin + a * across + b * up`, a and b between bounds.

    `bounds` are (lowest a, highest a, lowest b, highest b); `names` label the two axes.
    """

    origin: NDArray[float64]
    across: NDArray[float64]
    up: NDArray[float64]
    bounds: tuple[float, float, float, float]
    names: tuple[str, str] = ("y[0]", "y[1]")

    def points(self, a: NDArray[float64], b: NDArray[float64]) -> NDArray[float64]:
        """Return the samples at coordinates a and b: [n, d]."""
        return self.origin + a[:, None] * self.across + b[:, None] * self.up

    def coordinates(self, samples: NDArray[float64]) -> NDArray[float64]:
        """Project samples [n, d] orthogonally on the plane: [n, 2]."""
        axes = np.stack((self.across, self.up), axis=1)
        found = np.linalg.lstsq(axes, (samples - self.origin).T, rcond=None)[0]
        return found.T.astype(np.float64)


@final
@dataclass(frozen=True, slots=True)
class Surface:
    """Energies on a regular grid of a plane; `values[j, i]` belongs to `b[j]`, `a[i]`."""

    plane: Plane
    a: NDArray[float64]
    b: NDArray[float64]
    values: NDArray[float64]

    def share_below(self, threshold: float) -> float:
        """Return the share of the rectangle where the energy is at most `threshold`."""
        return float((self.values <= threshold).mean())

    def csv(self) -> str:
        """Write one line per grid point, with every digit of the energy."""
        down, right = np.meshgrid(self.b, self.a, indexing="ij")
        columns = (right.ravel(), down.ravel(), self.values.ravel())
        lines = (",".join(map(repr, row)) for row in np.stack(columns, axis=1).tolist())
        return "\n".join([f"{','.join(self.plane.names)},F", *lines]) + "\n"


@final
@dataclass(frozen=True, slots=True)
class Drawn:
    """The files of a surface and its number: the low-energy share of the rectangle."""

    picture: Path
    table: Path
    low_share: float


def around(samples: NDArray[float64], *, margin: float = 0.2) -> Plane:
    """Return a square of the first two coordinates, with room around the samples."""
    low, high = samples.min(axis=0)[:2], samples.max(axis=0)[:2]
    center, reach = (low + high) / 2, (0.5 + margin) * float((high - low).max() or 1.0)
    left, bottom = float(center[0]) - reach, float(center[1]) - reach
    x, y = np.eye(samples.shape[1])[:2]
    bounds = (left, left + 2 * reach, bottom, bottom + 2 * reach)
    return Plane(np.zeros_like(samples[0]), x, y, bounds)


def through(samples: NDArray[float64], *, margin: float = 0.5) -> Plane:
    """Return the plane through three samples [3, d]: the first is the corner."""
    corner: NDArray[float64] = samples[0]
    sides: NDArray[float64] = samples[1:] - samples[0]
    reach = (-margin, 1 + margin, -margin, 1 + margin)
    names = ("towards the second sample", "towards the third sample")
    return Plane(corner, sides[0], sides[1], reach, names)


def evaluate(energy: Energy, plane: Plane, *, resolution: int = 201) -> Surface:
    """Evaluate an energy, [n, d] -> [n], on a square grid of the plane."""
    a = np.linspace(plane.bounds[0], plane.bounds[1], resolution)
    b = np.linspace(plane.bounds[2], plane.bounds[3], resolution)
    down, right = np.meshgrid(b, a, indexing="ij")
    points = plane.points(right.ravel(), down.ravel())
    found = [energy(points[i : i + CHUNK]) for i in range(0, len(points), CHUNK)]
    values = np.concatenate(found).astype(np.float64).reshape(resolution, resolution)
    return Surface(plane, a, b, values)


def energy_surface(
    surface: Surface,
    path: Path,
    *,
    samples: NDArray[float64],
    threshold: float,
    prototypes: NDArray[float64] | None = None,
) -> Drawn:
    """Draw a surface as PNG with its CSV beside it.

    `threshold` is the 95% quantile of the energy of the data: what lies below is the low
    region, whose share of the rectangle tells how well the model limits its volume.
    """
    share = surface.share_below(threshold)
    table = write_text(path.with_suffix(".csv"), surface.csv())
    page = Page(
        SIDE + 2.2 * MARGIN + 1.35,
        SIDE + HEADER + MARGIN + 0.35,
        title="Energy surface",
        subtitle=f"dark is low; {share:.1%} of the box is at most as high as 95% of the data",
    )
    axes = page.panel(Box(MARGIN + 0.45, HEADER + 0.1, SIDE, SIDE))
    _heat(page, axes, surface=surface)
    _contour(axes, surface, threshold=threshold)
    _points(axes, surface.plane, samples=samples, prototypes=prototypes)
    frame(axes, x=surface.plane.names[0], y=surface.plane.names[1])
    return Drawn(page.save(path), table, share)


def low_threshold(energies: NDArray[float64]) -> float:
    """Return the 95% quantile of the energies of the data."""
    return float(np.quantile(energies, LOW))


def _heat(page: Page, axes: Axes, *, surface: Surface) -> None:
    from matplotlib.colors import PowerNorm

    finite = surface.values[np.isfinite(surface.values)]
    scale = PowerNorm(0.5, float(finite.min()), float(np.quantile(finite, 0.995)))
    image = axes.imshow(
        surface.values,
        extent=surface.plane.bounds,
        origin="lower",
        cmap=ENERGY,
        norm=scale,
        interpolation="bilinear",
        aspect="auto",
    )
    bar = page.figure.colorbar(
        image, cax=page.panel(Box(MARGIN + SIDE + 0.6, HEADER + 0.1, 0.16, SIDE))
    )
    bar.ax.tick_params(colors=FAINT, labelsize=8, length=3, width=0.8)
    bar.ax.set_title("F", fontsize=10, color=FAINT)
    bar.outline.set_visible(False)


def _contour(axes: Axes, surface: Surface, *, threshold: float) -> None:
    low, high = float(surface.values.min()), float(surface.values.max())
    if low < threshold < high:
        grid = (surface.a, surface.b, surface.values)
        axes.contour(*grid, levels=[threshold], colors="white", linewidths=0.9, alpha=0.9)


def _points(
    axes: Axes, plane: Plane, *, samples: NDArray[float64], prototypes: NDArray[float64] | None
) -> None:
    shown = plane.coordinates(samples[:SHOWN])
    axes.plot(*shown.T, ls="", marker=".", ms=2.2, color="white", alpha=0.55, mew=0)
    if prototypes is not None:
        centers = plane.coordinates(prototypes)
        axes.plot(*centers.T, ls="", marker="o", ms=6, mfc=ACCENT, mec="white", mew=1.0)
    axes.set_xlim(plane.bounds[:2])
    axes.set_ylim(plane.bounds[2:])
