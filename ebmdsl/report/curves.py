"""The learning curve: the energy and each of its terms as training goes on."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np

from ebmdsl.report.style import COLORS, HEADER, INK, MARGIN, RULE, Box, Page, frame

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy import float64
    from numpy.typing import NDArray

WIDTH, HEIGHT = 6.0, 3.4
NAMES = 1.1
TOTAL = "total"
LONG = 400


@final
class Curve(NamedTuple):
    """One number over the training steps."""

    name: str
    steps: NDArray[float64]
    values: NDArray[float64]

    @property
    def smooth(self) -> NDArray[float64]:
        """The mean over a fiftieth of a long curve, centered and narrower at its ends."""
        count = len(self.values)
        sums = np.concatenate(([0.0], np.cumsum(self.values)))
        places = np.arange(count)
        reach = np.minimum(
            count // 100 if count >= LONG else 0, np.minimum(places, places[::-1])
        )
        return (sums[places + reach + 1] - sums[places - reach]) / (2 * reach + 1)


def read_curves(metrics: Path) -> tuple[Curve, ...]:
    """Read the energies of every step from `metrics.jsonl`; the total comes first.

    A run that logs no steps, such as an exact alternation, is read epoch by epoch.
    """
    lines = metrics.read_text("utf-8").splitlines()
    events: list[dict[str, Any]] = [json.loads(line) for line in lines if line.strip()]
    kinds = {kind: [e for e in events if _is(e, kind)] for kind in ("step", "epoch")}
    steps = kinds["step"] or kinds["epoch"]
    names = dict.fromkeys(name for event in steps for name in event["energy"])
    ordered = sorted(names, key=lambda name: name != TOTAL)
    return tuple(_curve(name, steps) for name in ordered)


def learning_curve(metrics: Path, path: Path, *, title: str = "Learning curve") -> Path:
    """Draw every curve of a run: faint as it was, strong as its running mean."""
    curves = _telling(read_curves(metrics))
    page = Page(
        WIDTH + 2 * MARGIN + NAMES + 0.35,
        HEIGHT + HEADER + MARGIN + 0.4,
        title=title,
        subtitle="mean energy per sample of each batch"
        + ("; terms add up to the total" if len(curves) > 1 else ""),
    )
    axes = page.panel(Box(MARGIN + 0.35, HEADER + 0.1, WIDTH, HEIGHT))
    for number, curve in enumerate(curves):
        _draw(axes, curve, color=_color(curve, number))
    axes.grid(axis="y", color=RULE, lw=0.6)
    axes.margins(x=0.01)
    frame(axes, x="training step")
    _names(axes, curves)
    return page.save(path)


def _telling(curves: tuple[Curve, ...]) -> list[Curve]:
    """Leave out a single term: it is the total."""
    return list(curves[:1] if len(curves) == 2 else curves)


def _is(event: dict[str, Any], kind: str) -> bool:
    return event.get("event") == kind and bool(event.get("energy"))


def _curve(name: str, events: list[dict[str, Any]]) -> Curve:
    having = [event for event in events if name in event["energy"]]
    steps = np.array([e.get("step", e.get("epoch")) for e in having], dtype=np.float64)
    values = np.array([event["energy"][name] for event in having], dtype=np.float64)
    return Curve(name, steps, values)


def _color(curve: Curve, number: int) -> str:
    return INK if curve.name == TOTAL else COLORS[(number - 1) % len(COLORS)]


def _draw(axes: Axes, curve: Curve, *, color: str) -> None:
    axes.plot(curve.steps, curve.values, color=color, lw=0.7, alpha=0.25)
    axes.plot(curve.steps, curve.smooth, color=color, lw=2.0 if curve.name == TOTAL else 1.5)


def _names(axes: Axes, curves: list[Curve]) -> None:
    """Write each name at the end of its curve, moved apart where they would collide."""
    low, high = axes.get_ylim()
    ends = [float(curve.smooth[-1]) for curve in curves]
    places = spread(ends, gap=0.055 * (high - low))
    for number, (curve, place) in enumerate(zip(curves, places, strict=True)):
        axes.annotate(
            f"{curve.name}  {ends[number]:.4g}",
            (1.015, (place - low) / (high - low)),
            xycoords="axes fraction",
            fontsize=9,
            color=_color(curve, number),
            va="center",
            fontweight="bold" if curve.name == TOTAL else "normal",
        )


def spread(places: list[float], *, gap: float) -> list[float]:
    """Move numbers up, in their order, until neighbors are at least `gap` apart."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    for below, above in pairwise(order):
        moved[above] = max(moved[above], moved[below] + gap)
    return moved
