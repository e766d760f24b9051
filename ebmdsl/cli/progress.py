"""What a run tells while it trains, and its two plain forms: lines and JSON lines."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, final

import click

from ebmdsl.cli.shell import FORMAT_VERSION

Event = Mapping[str, Any]


class Observer(ABC):
    """Someone who is told how a run goes; events are plain mappings of names to values."""

    @abstractmethod
    def started(self, facts: Event) -> None:
        """Hear what will run: the model, its methods, the run directory, how many steps."""

    @abstractmethod
    def step(self, metrics: Event) -> None:
        """Hear the numbers of one step."""

    @abstractmethod
    def epoch(self, metrics: Event) -> None:
        """Hear the means of one epoch."""

    @abstractmethod
    def note(self, text: str) -> None:
        """Hear a remark."""

    @abstractmethod
    def finished(self, summary: Event) -> None:
        """Hear how it ended."""

    @abstractmethod
    def close(self) -> None:
        """Give the terminal back, however the run ended."""


@final
@dataclass(slots=True)
class Lines(Observer):
    """One line `key=value ...` per event, for a pipe or a log."""

    every: int = 0

    def started(self, facts: Event) -> None:
        """Print the facts of the run."""
        click.echo(f"started {flat_text(facts)}", err=True)

    def step(self, metrics: Event) -> None:
        """Print every so many steps, if that was asked for."""
        if self.every and int(metrics.get("step", 0)) % self.every == 0:
            click.echo(flat_text(metrics), err=True)

    def epoch(self, metrics: Event) -> None:
        """Print the means of each epoch."""
        click.echo(flat_text(metrics), err=True)

    def note(self, text: str) -> None:
        """Print the remark."""
        click.echo(f"note: {text}", err=True)

    def finished(self, summary: Event) -> None:
        """Print the last numbers."""
        click.echo(f"finished {flat_text(summary)}", err=True)

    def close(self) -> None:
        """Need nothing."""


@final
@dataclass(slots=True)
class Records(Observer):
    """One JSON object per event on stdout."""

    every: int = 1

    def started(self, facts: Event) -> None:
        """Write the facts of the run."""
        _write("started", facts)

    def step(self, metrics: Event) -> None:
        """Write every so many steps."""
        if int(metrics.get("step", 0)) % max(self.every, 1) == 0:
            _write("step", metrics)

    def epoch(self, metrics: Event) -> None:
        """Write the means of each epoch."""
        _write("epoch", metrics)

    def note(self, text: str) -> None:
        """Write the remark."""
        _write("note", {"text": text})

    def finished(self, summary: Event) -> None:
        """Write the last numbers."""
        _write("finished", summary)

    def close(self) -> None:
        """Need nothing."""


@final
class Silence(Observer):
    """Nothing: `-q` asked for it."""

    def started(self, facts: Event) -> None:
        """Keep it."""

    def step(self, metrics: Event) -> None:
        """Keep it."""

    def epoch(self, metrics: Event) -> None:
        """Keep it."""

    def note(self, text: str) -> None:
        """Keep it."""

    def finished(self, summary: Event) -> None:
        """Keep it."""

    def close(self) -> None:
        """Need nothing."""


def flat_text(event: Event) -> str:
    """Write an event as `key=value` pairs.

    >>> flat_text({"step": 3, "energy": {"total": 1.5}, "it_s": 58.04})
    'step=3 total=1.5 it_s=58.04'
    """
    return " ".join(f"{key}={short_number(value)}" for key, value in _flat(event))


def short_number(value: Any) -> str:
    """Write a number with four digits that matter, anything else as it is.

    >>> short_number(0.00012345), short_number(1234567.0), short_number("fista")
    ('0.0001234', '1.235e+06', 'fista')
    """
    return f"{value:.4g}" if isinstance(value, float) else str(value).replace(" ", "_")


def _flat(event: Event) -> Iterator[tuple[str, Any]]:
    for key, value in event.items():
        if isinstance(value, Mapping):
            yield from _flat(value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            yield key, value


def _write(event: str, fields: Event) -> None:
    record = {"format_version": FORMAT_VERSION, "event": event, **fields}
    click.echo(json.dumps(record, ensure_ascii=False, default=str))
