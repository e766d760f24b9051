"""Settings of a run: what the command line may change, and what a run directory records."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, final

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from ebmdsl.check.model import Settings

FORMAT_VERSION = "1.0"
Status = Literal["running", "finished", "interrupted", "failed"]
_CLOSED = ConfigDict(extra="forbid", frozen=True, strict=True)


@final
class TrainOptions(BaseModel):
    """What `ebmc train` may change about a run; None leaves it to the file."""

    model_config = _CLOSED

    epochs: int | None = Field(default=None, ge=1)
    steps: int | None = Field(default=None, ge=1)
    seed: int | None = Field(default=None, ge=0)
    out: Path = Path("runs")
    smoke: bool = False
    compile: bool = False
    threads: int | None = Field(default=None, ge=1)
    use: dict[str, str] = {}

    def applied_to(self, settings: Settings) -> Settings:
        """Return the file's settings with what was asked for on the command line."""
        changes: dict[str, Any] = {}
        if self.epochs is not None:
            changes |= {"epochs": self.epochs, "steps": None}
        if self.steps is not None:
            changes["steps"] = self.steps
        if self.seed is not None:
            changes["seed"] = self.seed
        if self.smoke:
            changes["steps"] = self.steps or SMOKE_STEPS
            changes["batch"] = min(settings.batch, SMOKE_SAMPLES // 2)
        return replace(settings, **changes)


SMOKE_STEPS = 2
SMOKE_SAMPLES = 64


@final
class RunSettings(BaseModel):
    """`settings.json`: everything that, with `model.ebm`, decides what a run computes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format_version: str = FORMAT_VERSION
    hypers: dict[str, int | float | str | bool] = {}
    epochs: int
    steps: int | None
    batch: int = Field(ge=1)
    seed: int = Field(ge=0)
    precision: Literal[32, 64]
    restarts: int = Field(ge=1)
    smoke: bool = False
    stages: dict[str, RunSettings] = {}


@final
class Manifest(BaseModel):
    """`run.json`: what ran, on what, how far it got and how it ended."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format_version: str = FORMAT_VERSION
    run: str
    model: str
    status: Status
    source: str
    data: dict[str, str]
    used: dict[str, str] = {}
    started: str
    seconds: float = 0.0
    step: int = 0
    steps: int
    stage: str = ""
    epoch: int = 0
    energy: dict[str, float] = {}
    versions: dict[str, str]
    threads: int
    device: str = "cpu"
    message: str = ""
