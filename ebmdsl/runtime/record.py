"""Telling and keeping what a run finds: events, checkpoints, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

import torch

from ebmdsl.runtime.checkpoint import weights_of
from ebmdsl.runtime.diverged import verify_finite
from ebmdsl.runtime.metrics import Journal, Meter, summary
from ebmdsl.runtime.start import reached
from ebmdsl.runtime.written import save

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.runtime.config import Status
    from ebmdsl.runtime.metrics import Listener
    from ebmdsl.runtime.samples import Samples
    from ebmdsl.runtime.start import Start

TOLERANCE = 1e-3
SHOWN_EVERY = 0.25
HELD_OUT = 1000
NOTHING: Mapping[str, float] = {}


@final
@dataclass(slots=True)
class Recorder:
    """Keeps the numbers of a run; steps are told a few times a second, not one by one."""

    start: Start
    listener: Listener
    journal: Journal = field(init=False)
    meter: Meter = field(init=False)
    step: int = field(init=False)
    begun: float = field(default_factory=time.monotonic)
    shown: float = 0.0
    latest: dict[str, float] = field(default_factory=dict[str, float])

    def __post_init__(self) -> None:
        self.step = self.start.checkpoint.step
        self.journal = Journal(self.start.directory.metrics)
        self.meter = Meter(tuple(term.name for term in self.start.plan.model.energy))

    @property
    def epoch(self) -> int:
        """The epoch that the last step was part of, counted from 1."""
        return -(-self.step // self.start.per_epoch)

    @property
    def seconds(self) -> float:
        """How long the run has been going on."""
        return time.monotonic() - self.begun

    def add(self, row: Tensor) -> None:
        """Take in the summary of a step that has been taken."""
        self.step += 1
        self.meter.add(row)
        if time.monotonic() - self.shown > SHOWN_EVERY:
            self.show()

    def show(self) -> None:
        """Tell every step that has not been told yet."""
        self.shown = time.monotonic()
        told = self.meter.read()
        for number, means in enumerate(told, self.step - len(told) + 1):
            event = {**self._place(number), "energy": means["energy"]}
            self.journal.write("step", event)
            self.listener.step(event)

    def _place(self, step: int) -> dict[str, int | str]:
        """Name a step, its stage, and its epoch where several steps make one."""
        place: dict[str, int | str] = {"step": self.start.before + step}
        if self.start.stage:
            place["stage"] = self.start.stage
        if not self.start.exact:
            place["epoch"] = -(-step // self.start.per_epoch)
        return place

    def settle(self, row: Tensor) -> None:
        """Let one summary stand for the epoch: that of what is kept of it."""
        self.show()
        self.meter.total = row

    def close_epoch(self, more: Mapping[str, float] = NOTHING) -> None:
        """Tell the means of an epoch, with F on samples that training does not see."""
        self.show()
        means = self.meter.close()
        if not means:
            return
        self.latest = means["energy"]
        event: dict[str, Any] = {**self._place(self.step), **means, **more}
        event["valid_F"] = held_out_energy(self.start)
        event["it_s"] = (self.step - self.start.checkpoint.step) / max(self.seconds, 1e-9)
        self.journal.write("epoch", event)
        self.journal.flush()
        self.listener.epoch(event)

    def save(self, optimizers: Mapping[str, Tensor]) -> None:
        """Write a checkpoint, if every parameter is finite."""
        weights = weights_of(self.start.module)
        verify_finite(weights, step=self.step)
        save(
            self.start,
            self.start.directory,
            checkpoint=reached(self.start, self.step, optimizers=optimizers),
        )

    def save_if_finite(self, optimizers: Mapping[str, Tensor]) -> None:
        """Keep what there is before a run fails, unless that is what has failed."""
        weights = weights_of(self.start.module)
        if all(bool(weight.isfinite().all()) for weight in weights.values()):
            self.save(optimizers)

    def begin(self) -> None:
        """Write that the run is under way."""
        run = self.start.directory
        run.record(run.manifest.model_copy(update={"status": "running", "run": run.id}))
        self.listener.started(self.start.facts())

    def leave(self) -> None:
        """Finish a stage that another one follows."""
        self.show()
        self.journal.close()
        before = self.start.directory.manifest
        update = {"seconds": before.seconds + self.seconds, "energy": self.latest}
        self.start.directory.record(before.model_copy(update=update))

    def end(self, status: Status, message: str = "") -> None:
        """Write how the run ended."""
        self.show()
        self.journal.close()
        before = self.start.directory.manifest
        update = {
            "status": status,
            "message": message,
            "run": self.start.directory.id,
            "seconds": before.seconds + self.seconds,
            "step": self.start.before + self.step,
            "steps": self.start.before + self.start.steps,
            "stage": self.start.stage,
            "epoch": self.epoch,
            "energy": self.latest,
        }
        self.start.directory.record(before.model_copy(update=update))
        summary = {"seconds": self.seconds, "energy": self.latest}
        step = self.start.before + self.step
        self.listener.finished({"status": status, "step": step, **summary})


def held_out_energy(start: Start) -> float:
    """Return the mean of F over the first samples of the validation split."""
    held = start.held_out.chunk(slice(HELD_OUT))
    if not held.count:
        return float("nan")
    return mean_energy(start, held)


@torch.no_grad()
def mean_energy(start: Start, samples: Samples) -> float:
    """Return the mean of F over samples, batch by batch, at the training tolerance."""
    total = torch.zeros((), dtype=torch.float64)
    for low in range(0, samples.count, start.settings.batch):
        values = samples.rows(slice(low, low + start.settings.batch))
        row = summary(start.module.solve(values, tol=TOLERANCE))
        total += row[0].cpu()
    return float(total) / samples.count
