"""The numbers of a running training, ready to be drawn: now, best, change and trend."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, final

from ebmdsl.cli.progress import Event, short_number

BARS = "▁▂▃▄▅▆▇█"
WIDTH = 10
PLACE = {"step", "epoch", "energy", "seconds", "it_s"}
SHARES = {"converged"}
SPREAD = "_sd"
Series = defaultdict[str, list[float]]


def _series() -> Series:
    return defaultdict(list)


@final
@dataclass(frozen=True, slots=True)
class Row:
    """One energy term as the screen shows it."""

    name: str
    now: str
    best: str
    change: str
    trend: str


@final
@dataclass(slots=True)
class Board:
    """Collects events; knows nothing of terminals."""

    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    latest: dict[str, Any] = field(default_factory=dict[str, Any])
    current: Series = field(default_factory=_series)
    epochs: Series = field(default_factory=_series)
    notes: list[str] = field(default_factory=list[str])

    def add_step(self, metrics: Event) -> None:
        """Take in the numbers of one step."""
        self.latest.update(metrics)
        for name, value in energies(metrics).items():
            self.current[name].append(value)

    def add_epoch(self, metrics: Event) -> None:
        """Take in the means of one epoch, which its steps stand for where they are missing."""
        self.latest.update(metrics)
        means = {name: sum(values) / len(values) for name, values in self.current.items()}
        for name, value in {**means, **energies(metrics)}.items():
            self.epochs[name].append(value)
        self.current.clear()

    def rows(self) -> list[Row]:
        """Describe every term, the total first."""
        names = list(dict.fromkeys([*self.epochs, *self.current]))
        return [self._row(name, names) for name in names]

    def remarks(self) -> list[tuple[str, str]]:
        """List every other number of the latest event, such as those of the solver."""
        shown = [key for key in self.latest if key not in PLACE and not key.endswith(SPREAD)]
        return [(key.replace("_", " "), self._remark(key)) for key in shown]

    def _remark(self, key: str) -> str:
        value, spread = self.latest[key], self.latest.get(f"{key.split('_')[0]}{SPREAD}")
        if key in SHARES:
            return f"{value:.1%}"
        return f"{value:.1f} ± {spread:.1f}" if spread is not None else readable(value)

    def share_done(self) -> float:
        """Measure how much of the run lies behind, from 0 to 1."""
        total = float(self.facts.get("steps") or 0)
        return min(1.0, float(self.latest.get("step", 0)) / total) if total else 0.0

    def _row(self, name: str, names: Sequence[str]) -> Row:
        past, steps = self.epochs[name], self.current[name]
        series = past if len(past) > 1 or not steps else steps
        now = steps[-1] if steps else past[-1]
        best = min(past or steps)
        return Row(
            name=_branch(name, names),
            now=short_number(now),
            best=short_number(best),
            change=_change(past),
            trend=sparkline(series),
        )


def energies(metrics: Event) -> dict[str, float]:
    """Pick the energy terms of an event."""
    terms: Mapping[str, float] = metrics.get("energy", {})
    return {name: float(number) for name, number in terms.items()}


def sparkline(values: Sequence[float]) -> str:
    """Draw a series as a row of bars.

    >>> sparkline([4.0, 2.0, 1.0])
    '█▃▁'
    """
    finite = [value for value in _resampled(values) if isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((value - low) * scale)] for value in finite)


def readable(value: Any) -> str:
    """Write a number for a person: shares as they are, counts whole."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _resampled(values: Sequence[float]) -> list[float]:
    if len(values) <= WIDTH:
        return list(values)
    ends = [round(i * len(values) / WIDTH) for i in range(WIDTH + 1)]
    pieces = [values[a:b] for a, b in itertools.pairwise(ends)]
    return [sum(piece) / len(piece) for piece in pieces]


def _change(past: Sequence[float]) -> str:
    if len(past) < 2 or past[-2] == 0:
        return ""
    return f"{100 * (past[-1] - past[-2]) / abs(past[-2]):+.1f} %"


def _branch(name: str, names: Sequence[str]) -> str:
    if name == names[0]:
        return name
    return f"{'└' if name == names[-1] else '├'} {name}"
