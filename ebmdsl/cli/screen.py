"""The live screen of a training run, on a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

from ebmdsl.cli.board import Board
from ebmdsl.cli.progress import Event, Observer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.table import Table

PER_SECOND = 4


@final
@dataclass(slots=True)
class Screen(Observer):
    """Redraws the board at most four times a second, and leaves its last state behind."""

    console: Console
    board: Board = field(default_factory=Board)
    _live: Live | None = None
    _begun: float = 0.0
    _drawn: float = 0.0

    def started(self, facts: Event) -> None:
        """Open the screen."""
        from rich.live import Live

        self.board.facts = dict(facts)
        self._begun = time.monotonic()
        self._live = Live(self.picture(), console=self.console, auto_refresh=False)
        self._live.start()

    def step(self, metrics: Event) -> None:
        """Take a step in; draw if it is time."""
        self.board.add_step(metrics)
        if time.monotonic() - self._drawn > 1 / PER_SECOND:
            self._draw()

    def epoch(self, metrics: Event) -> None:
        """Take an epoch in and draw."""
        self.board.add_epoch(metrics)
        self._draw()

    def note(self, text: str) -> None:
        """Print a remark above the screen."""
        self.console.print(f"note: {text}", markup=False, highlight=False)

    def finished(self, summary: Event) -> None:
        """Draw the last state."""
        del summary
        self._draw()

    def close(self) -> None:
        """Give the terminal back."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def picture(self) -> RenderableType:
        """Lay out the whole screen."""
        from rich.console import Group

        return Group(self._head(), self._tables(), self._foot())

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        if self._live is not None:
            self._live.update(self.picture(), refresh=True)

    def _head(self) -> Table:
        from rich.progress_bar import ProgressBar

        share = self.board.share_done()
        bar = ProgressBar(total=1.0, completed=share, width=30)
        return _grid([*self._places(), bar, f"{share:.0%}", _clock(self._elapsed())])

    def _places(self) -> Iterator[str]:
        facts, latest = self.board.facts, self.board.latest
        yield f"[bold]{facts.get('run', facts.get('model', ''))}[/]"
        for name, total in (("epoch", "epochs"), ("step", "steps")):
            if name in latest:
                length = f"/{facts[total]}" if total in facts else ""
                yield f"{name} {latest[name]}{length}"

    def _tables(self) -> Table:
        from rich.table import Table

        energy = Table(box=None, pad_edge=False, header_style="dim")
        for title in ("energy", "now", "best", "Δ/epoch"):
            energy.add_column(title, justify="left" if title == "energy" else "right")
        energy.add_column("trend")
        for row in self.board.rows():
            energy.add_row(row.name, row.now, row.best, row.change, f"[cyan]{row.trend}[/]")
        solver = Table(box=None, pad_edge=False, header_style="dim")
        solver.add_column("solver")
        solver.add_column("", justify="right")
        for name, value in self.board.remarks():
            solver.add_row(name, value)
        return _grid([energy, solver])

    def _foot(self) -> str:
        step, elapsed = float(self.board.latest.get("step", 0)), self._elapsed()
        rate = f"{step / elapsed:.3g} it/s" if elapsed > 0 and step else ""
        shown = ("precision", "seed", "device")
        facts = [f"{key} {self.board.facts[key]}" for key in shown if key in self.board.facts]
        parts = [part for part in (rate, *facts) if part]
        return f" [dim]{' · '.join(parts)}     Ctrl-C saves & stops[/]"

    def _elapsed(self) -> float:
        return time.monotonic() - self._begun


def _grid(cells: list[RenderableType]) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_row(*cells)
    return grid


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
