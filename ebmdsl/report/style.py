"""The one style of all pictures: sizes, colors, titles, and how a file is written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK = "#1f2430"
FAINT = "#6b7280"
RULE = "#d5d9e0"
ACCENT = "#e4572e"
COLORS = ("#3b528b", "#e4572e", "#21918c", "#c9a227", "#8e5ea2", "#5ec962")
ENERGY = "viridis"
FILTERS = "gray"
DPI = 144
MARGIN = 0.45
HEADER = 0.75
NO_METADATA = {"Software": None}


@final
class Box(NamedTuple):
    """A rectangle on the page in inches, from its upper left corner."""

    left: float
    top: float
    width: float
    height: float


@final
class Page:
    """A page of a known size in inches with a title; panels are placed by hand."""

    def __init__(self, width: float, height: float, *, title: str, subtitle: str = "") -> None:
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
        FigureCanvasAgg(self.figure)
        self._write(title, top=0.36, size=13, color=INK, weight="bold")
        self._write(subtitle, top=0.62, size=9, color=FAINT, weight="normal")

    def panel(self, box: Box) -> Axes:
        """Add axes on a rectangle of the page."""
        bottom = self.height - box.top - box.height
        rectangle = (
            box.left / self.width,
            bottom / self.height,
            box.width / self.width,
            box.height / self.height,
        )
        return self.figure.add_axes(rectangle)

    def save(self, path: Path) -> Path:
        """Write the page as PNG: first beside its place, then renamed, with no time stamp."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            draft = Path(folder) / path.name
            self.figure.savefig(draft, format="png", dpi=DPI, metadata=NO_METADATA)
            draft.replace(path)
        return path

    def _write(self, text: str, *, top: float, size: float, color: str, weight: str) -> None:
        self.figure.text(
            MARGIN / self.width,
            1 - top / self.height,
            text,
            fontsize=size,
            color=color,
            fontweight=weight,
            va="baseline",
        )


def write_text(path: Path, text: str) -> Path:
    """Write a text file beside its place and rename it, so that no reader sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(draft).chmod(0o644)
    return Path(draft).replace(path)


def frame(axes: Axes, *, x: str = "", y: str = "") -> None:
    """Give a plot its quiet frame: two thin rules, small faint numbers, axis names."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(RULE)
    axes.tick_params(colors=FAINT, labelsize=8, length=3, width=0.8)
    axes.set_xlabel(x, fontsize=9, color=INK)
    axes.set_ylabel(y, fontsize=9, color=INK)


def bare(axes: Axes) -> None:
    """Take away everything but the picture itself."""
    axes.set_axis_off()
