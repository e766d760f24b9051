"""Before the first step: the program compiled, the data loaded, the directory made."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast, final

import torch

from ebmdsl.lower.module import EnergyModule, lower
from ebmdsl.runtime.brought import supply
from ebmdsl.runtime.checkpoint import (
    Checkpoint,
    fill,
    load_state,
    save_state,
    save_weights,
    weights_of,
)
from ebmdsl.runtime.config import Manifest, RunSettings, TrainOptions
from ebmdsl.runtime.directory import RunDirectory, create, write_whole
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.identity import digest_of, hypers_of, program_text, settings_of
from ebmdsl.runtime.initialize import initialize
from ebmdsl.runtime.metrics import keep_until
from ebmdsl.runtime.samples import DTYPES, Samples, Sources
from ebmdsl.runtime.states import States
from ebmdsl.runtime.trained import Trained, bring, keep, kept

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ebmdsl.check.model import Settings
    from ebmdsl.compilation import Compilation
    from ebmdsl.plan.plan import Plan

PACKAGES = ("torch", "numpy", "scikit-learn", "scikit-image")


@final
@dataclass(frozen=True, slots=True)
class Start:
    """A run that can take its next step."""

    plan: Plan
    module: EnergyModule
    states: States
    settings: Settings
    samples: Samples
    held_out: Samples
    sources: Sources
    directory: RunDirectory
    checkpoint: Checkpoint
    options: TrainOptions
    program: str

    @property
    def exact(self) -> bool:
        """Whether parameters move by exact steps on all samples, not along a gradient."""
        return all(update.method == "alternation" for update in self.plan.updates)

    @property
    def per_epoch(self) -> int:
        """How many steps see every sample once."""
        return 1 if self.exact else -(-self.samples.count // self.settings.batch)

    @property
    def steps(self) -> int:
        """How many steps the whole run takes."""
        if self.settings.steps is not None:
            return self.settings.steps
        return self.settings.epochs * self.per_epoch

    def facts(self) -> dict[str, Any]:
        """Describe the run in a few words; how long exact steps go on shows itself."""
        epochs = -(-self.steps // self.per_epoch)
        length = {} if self.exact else {"steps": self.steps, "epochs": epochs}
        return {
            "run": self.directory.id,
            "model": self.plan.model.name,
            "samples": self.samples.count,
            **length,
            "methods": ", ".join(step.method for step in self.plan.eliminations),
            "precision": self.settings.precision,
            "seed": self.settings.seed,
            "device": "cpu",
        }


def begin(compilation: Compilation, options: TrainOptions) -> Start:
    """Load the data, draw the initial values, and make the run directory."""
    plan = _planned(compilation)
    settings = _settings(plan, options)
    models = bring(compilation, options)
    sources = Sources(plan.model, settings, smoke=options.smoke, models=models)
    samples, held_out = sources.samples("train"), sources.samples("validation")
    module = lower(plan, dtype=DTYPES[settings.precision])
    supply(module, models)
    initialize(module, samples.variables, seed=settings.seed)
    start = Start(
        plan=plan,
        module=module,
        states=States(module, seed=settings.seed),
        settings=settings,
        samples=samples,
        held_out=held_out,
        sources=sources,
        directory=RunDirectory(options.out),
        checkpoint=Checkpoint(0, weights_of(module)),
        options=options,
        program=program_text(compilation),
    )
    start = _remembering(start)

    def written(draft: RunDirectory) -> None:
        _write_first(start, draft)
        keep(compilation, models, draft.path)

    made = create(options.out, plan.model.name, fill=written)
    return replace(start, directory=made)


def _remembering(start: Start) -> Start:
    """Start every state, and let the first checkpoint hold it."""
    start.states.begin(0, start.steps)
    start.states.fill(start.samples)
    checkpoint = replace(start.checkpoint, states=start.states.tensors())
    return replace(start, checkpoint=checkpoint)


def resume(compilation: Compilation, run: RunDirectory, *, options: TrainOptions) -> Start:
    """Take up a run at its last checkpoint; only its length may be changed."""
    plan = _planned(compilation)
    recorded = run.settings
    _verify_same(compilation, run, recorded=recorded)
    if options.seed not in (None, recorded.seed):
        raise RunError(f"{run.id} has seed {recorded.seed}: only its length may be changed")
    options = options.model_copy(update={"smoke": False})
    settings = options.applied_to(settings_of(plan, recorded))
    models = kept(compilation, run)
    _verify_used(compilation, models)
    sources = Sources(
        plan.model, settings, smoke=recorded.smoke, folder=run.state, models=models
    )
    if sources.digests() != run.manifest.data:
        raise RunError(f"the data of {run.id} is not what it was: train anew")
    longer = {"epochs": settings.epochs, "steps": settings.steps}
    _write_settings(run, recorded.model_copy(update=longer))
    module = lower(plan, dtype=DTYPES[settings.precision])
    checkpoint = load_state(run.state)
    fill(module, checkpoint.weights, path=run.state)
    supply(module, models)
    states = States(module, seed=settings.seed)
    states.restore(checkpoint.states, path=run.state)
    keep_until(run.metrics, checkpoint.step)
    return Start(
        plan=plan,
        module=module,
        states=states,
        settings=settings,
        samples=sources.samples("train"),
        held_out=sources.samples("validation"),
        sources=sources,
        directory=run,
        checkpoint=checkpoint,
        options=options,
        program=run.program.read_text("utf-8"),
    )


def _verify_same(compilation: Compilation, run: RunDirectory, *, recorded: RunSettings) -> None:
    if run.manifest.source != digest_of(program_text(compilation), _planned(compilation)):
        values = " ".join(f"--set {name}={value}" for name, value in recorded.hypers.items())
        remedy = f"go back to it{f' (with {values})' if values else ''}, or train anew"
        raise RunError(f"{run.id} was made by another program: {remedy}")


def _verify_used(compilation: Compilation, models: Mapping[str, Trained]) -> None:
    """Refuse to go on where the program of a used model has changed."""
    for name, inner in compilation.brought.items():
        text, model = program_text(inner), models[name]
        if model.sources.smoke or inner.plan is None:
            continue
        if digest_of(text, inner.plan) != model.run.manifest.source:
            raise RunError(f"`{name}` is another program now ({inner.source.name}): train anew")


def _planned(compilation: Compilation) -> Plan:
    if compilation.plan is None:
        raise RunError("the program has errors: `ebmc check` lists them")
    if not compilation.plan.updates:
        raise RunError("the program has no `train` statement: there is nothing to learn")
    exact = [each for each in compilation.plan.updates if each.method == "alternation"]
    if exact and len(exact) < len(compilation.plan.updates):
        names = ", ".join(f"`{name}`" for name in exact[0].names)
        reason = f"line {exact[0].span.line}: {names} would move by exact steps, others not"
        raise RunError(f"{reason}; write `with adam(1e-3)` there")
    return compilation.plan


def _settings(plan: Plan, options: TrainOptions) -> Settings:
    settings = options.applied_to(plan.model.settings)
    exact = all(update.method == "alternation" for update in plan.updates)
    says = {each.name.text for run in _runs(plan) for each in run.settings}
    if exact and settings.steps is None and options.epochs is None and "epochs" not in says:
        return replace(settings, steps=MOST_EXACT_STEPS)
    return settings


MOST_EXACT_STEPS = 10_000


def _runs(plan: Plan) -> list[Any]:
    statements = cast("tuple[Any, ...]", plan.model.file.statements)
    return [each for each in statements if type(each).__name__ == "Run"]


def _write_first(start: Start, draft: RunDirectory) -> None:
    """Write a whole run directory of a run that has not taken a step."""
    draft.state.mkdir()
    draft.report.mkdir()
    start.sources.save(draft.state)
    write_whole(draft.program, start.program)
    recorded = RunSettings(
        hypers=hypers_of(start.plan),
        epochs=start.settings.epochs,
        steps=start.settings.steps,
        batch=start.settings.batch,
        seed=start.settings.seed,
        precision=cast("Any", start.settings.precision),
        restarts=start.settings.restarts,
        smoke=start.options.smoke,
    )
    _write_settings(draft, recorded)
    plan = {"format_version": recorded.format_version, "plan": start.plan.pretty().splitlines()}
    write_whole(draft.path / "plan.json", json.dumps(plan, ensure_ascii=False, indent=2) + "\n")
    write_whole(draft.metrics, "")
    save(start, draft, checkpoint=start.checkpoint)
    draft.record(_manifest(start))


def _write_settings(run: RunDirectory, recorded: RunSettings) -> None:
    write_whole(run.path / "settings.json", recorded.model_dump_json(indent=2) + "\n")


def save(start: Start, run: RunDirectory, *, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, and the weights as they are to be shared."""
    digest = digest_of(start.program, start.plan)
    save_state(run.state, checkpoint)
    save_weights(run.weights, checkpoint.weights, program=start.program, digest=digest)


def _manifest(start: Start) -> Manifest:
    return Manifest(
        run=start.plan.model.name,
        model=start.plan.model.name,
        status="running",
        source=digest_of(start.program, start.plan),
        data=start.sources.digests(),
        used=_used(start.sources.models),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        steps=start.steps,
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
