"""What a run directory holds: written before the first step, and at every checkpoint."""

from __future__ import annotations

import json
import platform
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

import torch

from ebmdsl.expr.node import Op, walk
from ebmdsl.runtime.checkpoint import save_state, save_weights
from ebmdsl.runtime.config import Manifest, RunSettings
from ebmdsl.runtime.directory import write_whole
from ebmdsl.runtime.identity import digest_of, hypers_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ebmdsl.check.model import Settings
    from ebmdsl.plan.plan import Plan
    from ebmdsl.runtime.checkpoint import Checkpoint
    from ebmdsl.runtime.config import TrainOptions
    from ebmdsl.runtime.directory import RunDirectory
    from ebmdsl.runtime.start import Start
    from ebmdsl.runtime.trained import Trained

PACKAGES = ("torch", "numpy", "scikit-learn", "scikit-image")


def write_first(start: Start, draft: RunDirectory) -> None:
    """Write a whole run directory of a run that has not taken a step."""
    draft.state.mkdir()
    draft.report.mkdir()
    folder = draft.state / start.stage
    folder.mkdir(exist_ok=True)
    start.sources.save(folder)
    write_whole(draft.program, start.program)
    recorded = _recorded(start)
    write_settings(draft, recorded)
    lines = start.job.whole.pretty().splitlines()
    plan = {"format_version": recorded.format_version, "plan": lines}
    write_whole(draft.path / "plan.json", json.dumps(plan, ensure_ascii=False, indent=2) + "\n")
    write_whole(draft.metrics, "")
    save(start, draft, checkpoint=start.checkpoint)
    draft.record(_manifest(start))


def _recorded(start: Start) -> RunSettings:
    """Return the settings to be read again, those of every stage too."""
    options, hypers = start.options, hypers_of(start.job.whole)
    every = {name: length_of(plan, options) for name, plan in start.job.stages}
    first = _setting(every[start.stage], hypers, smoke=options.smoke)
    stages = {n: _setting(each, hypers, smoke=options.smoke) for n, each in every.items() if n}
    return first.model_copy(update={"stages": stages})


def _setting(settings: Settings, hypers: dict[str, Any], *, smoke: bool) -> RunSettings:
    return RunSettings(
        hypers=hypers,
        epochs=settings.epochs,
        steps=settings.steps,
        batch=settings.batch,
        seed=settings.seed,
        precision=cast("Any", settings.precision),
        restarts=settings.restarts,
        smoke=smoke,
    )


def write_settings(run: RunDirectory, recorded: RunSettings) -> None:
    """Replace `settings.json`."""
    write_whole(run.path / "settings.json", recorded.model_dump_json(indent=2) + "\n")


def save(start: Start, run: RunDirectory, *, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, and the weights as they are to be shared."""
    digest = digest_of(start.program, start.job.whole)
    save_state(run.state, checkpoint)
    save_weights(run.weights, checkpoint.weights, program=start.program, digest=digest)


def _manifest(start: Start) -> Manifest:
    return Manifest(
        run=start.plan.model.name,
        model=start.plan.model.name,
        status="running",
        source=digest_of(start.program, start.job.whole),
        data=digests(start),
        used=_used(start.sources.models),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        steps=start.steps,
        stage=start.stage,
        versions=_versions(),
        threads=torch.get_num_threads(),
    )


def _used(models: Mapping[str, Trained]) -> dict[str, str]:
    """Name the runs that are used; what was made up for a smoke run has none."""
    return {n: "" if each.sources.smoke else each.run.id for n, each in models.items()}


def _versions() -> dict[str, str]:
    from ebmdsl import __version__

    found = {"ebmdsl": __version__, "python": platform.python_version()}
    return found | {name: version(name) for name in PACKAGES}


def digests(start: Start) -> dict[str, str]:
    """Hash the data of a stage, by the names that it has in the whole run."""
    prefix = f"{start.stage}/" if start.stage else ""
    return {f"{prefix}{name}": x for name, x in start.sources.digests().items()}


def lengthened(recorded: RunSettings, stage: str, *, settings: Settings) -> RunSettings:
    """Return the settings of a run that goes on with another length."""
    longer = {"epochs": settings.epochs, "steps": settings.steps}
    if stage not in recorded.stages:
        return recorded.model_copy(update=longer)
    changed = recorded.stages[stage].model_copy(update=longer)
    return recorded.model_copy(update={"stages": {**recorded.stages, stage: changed}})


def length_of(plan: Plan, options: TrainOptions) -> Settings:
    """Return the settings of a plan; exact steps go on until they change nothing."""
    settings = options.applied_to(plan.model.settings)
    if stacks(plan):
        settings = replace(settings, batch=plan.model.settings.batch)
    exact = all(update.method == "alternation" for update in plan.updates)
    says = {each.name.text for run in _runs(plan) for each in run.settings}
    if exact and settings.steps is None and options.epochs is None and "epochs" not in says:
        return replace(settings, steps=MOST_EXACT_STEPS)
    return settings


MOST_EXACT_STEPS = 10_000


def stacks(plan: Plan) -> bool:
    """Tell whether a loss holds `batch(u)`, so that every batch has the size of the file."""
    losses = [each.objective for each in plan.updates]
    losses += [term.node for term in plan.model.terms]
    return any(each.op is Op.BATCH for loss in losses for each in walk(loss))


def _runs(plan: Plan) -> list[Any]:
    statements = cast("tuple[Any, ...]", plan.model.file.statements)
    return [each for each in statements if type(each).__name__ == "Run"]
