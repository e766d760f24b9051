"""The numbers of a run: kept as tensors while it runs, read now and then."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, final

import torch
from torch import Tensor

from ebmdsl.lower.loop import Status

if TYPE_CHECKING:
    from pathlib import Path

    from ebmdsl.lower.result import Result

TOTAL = "total"
Event = Mapping[str, Any]


class Listener(Protocol):
    """Someone who is told how a run goes."""

    def started(self, facts: Event) -> None:
        """Hear what will run."""

    def step(self, metrics: Event) -> None:
        """Hear the numbers of one step."""

    def epoch(self, metrics: Event) -> None:
        """Hear the means of one epoch."""

    def note(self, text: str) -> None:
        """Hear a remark."""

    def finished(self, summary: Event) -> None:
        """Hear how it ended."""


@final
class Silent:
    """A listener that keeps everything to itself."""

    def started(self, facts: Event) -> None:
        """Ignore it."""

    def step(self, metrics: Event) -> None:
        """Ignore it."""

    def epoch(self, metrics: Event) -> None:
        """Ignore it."""

    def note(self, text: str) -> None:
        """Ignore it."""

    def finished(self, summary: Event) -> None:
        """Ignore it."""


NAMES = ("steps", "squares", "converged", "certificate")


@torch.no_grad()
def summary(result: Result) -> Tensor:
    """Add up what one batch found, float64: F, each term, then `NAMES`, then the count.

    One small tensor a step, so that nothing waits for a number before it is shown.
    """
    steps = result.steps.double()
    energies = torch.stack([result.value, *result.terms.values()]).double().sum(-1)
    rest = (
        steps.sum(),
        steps.square().sum(),
        (result.status == Status.CONVERGED).sum(),
        result.certificate.sum(),
        torch.tensor(len(result.value)),
    )
    return torch.cat([energies, torch.stack([x.double().to(energies.device) for x in rest])])


@final
@dataclass(slots=True)
class Meter:
    """Collects the summaries of an epoch."""

    terms: tuple[str, ...]
    pending: list[Tensor] = field(default_factory=list[Tensor])
    total: Tensor | None = None

    def add(self, row: Tensor) -> None:
        """Take in the summary of one batch."""
        self.pending.append(row)
        self.total = row if self.total is None else self.total + row

    def read(self) -> list[dict[str, Any]]:
        """Return the numbers of every batch since the last time, in order."""
        rows = torch.stack(self.pending).tolist() if self.pending else []
        self.pending.clear()
        return [self.means(row) for row in rows]

    def close(self) -> dict[str, Any]:
        """Return the means over all that was added, and begin again."""
        total, self.total = self.total, None
        return {} if total is None else self.means(total.tolist())

    def means(self, row: Sequence[float]) -> dict[str, Any]:
        """Turn sums into means per sample, by name."""
        count = max(row[-1], 1.0)
        mean = [x / count for x in row[:-1]]
        names = (TOTAL, *self.terms)
        energy = dict(zip(names, mean, strict=False))
        steps, squares, converged, certificate = mean[len(names) :]
        found: dict[str, Any] = {"energy": energy}
        if steps:
            found |= {"solver_steps": steps, "solver_sd": max(squares - steps**2, 0.0) ** 0.5}
        return {**found, "converged": converged, "certificate": certificate}


@final
class Journal:
    """Appends events to `metrics.jsonl`, line by line."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def write(self, event: str, fields: Event) -> None:
        """Append one event."""
        self._file.write(json.dumps({"event": event, **fields}, ensure_ascii=False) + "\n")

    def flush(self) -> None:
        """Hand everything to the system."""
        self._file.flush()

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def keep_until(path: Path, step: int) -> None:
    """Drop the events after a step, which a resumed run will write again."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    kept = [line for line in lines if _step(line) <= step]
    path.write_text("".join(f"{line}\n" for line in kept), "utf-8")


def _step(line: str) -> float:
    try:
        return float(json.loads(line).get("step", 0))
    except (json.JSONDecodeError, AttributeError):
        return float("inf")
