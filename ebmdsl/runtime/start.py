"""Before the first step: the program compiled, the data loaded, the directory made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

import torch

from ebmdsl.lower.module import EnergyModule, lower
from ebmdsl.runtime.brought import supply
from ebmdsl.runtime.checkpoint import (
    Checkpoint,
    fill,
    load_state,
    own,
    weights_of,
)
from ebmdsl.runtime.config import RunSettings, TrainOptions
from ebmdsl.runtime.directory import RunDirectory, create
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.identity import digest_of, program_text, settings_of
from ebmdsl.runtime.initialize import initialize
from ebmdsl.runtime.metrics import keep_until
from ebmdsl.runtime.samples import DTYPES, Samples, Sources
from ebmdsl.runtime.states import States
from ebmdsl.runtime.trained import Trained, bring, keep, kept
from ebmdsl.runtime.written import (
    digests,
    length_of,
    lengthened,
    stacks,
    write_first,
    write_settings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ebmdsl.check.model import Settings
    from ebmdsl.compilation import Compilation
    from ebmdsl.plan.plan import Plan
    from ebmdsl.runtime.checkpoint import Tensors
    from ebmdsl.runtime.data import Precision


@final
@dataclass(frozen=True, slots=True)
class Job:
    """What all stages of a run share; a program without stages is one that has no name."""

    whole: Plan
    models: Mapping[str, Trained]
    options: TrainOptions
    program: str

    @property
    def stages(self) -> tuple[tuple[str, Plan], ...]:
        """The plans that are carried out one after the other, by name."""
        return self.whole.stages or (("", self.whole),)


@final
@dataclass(frozen=True, slots=True)
class Start:
    """A run, or a stage of it, that can take its next step; `number` counts the stages.

    `carried` is what the stages before it have learned.
    """

    job: Job
    number: int
    module: EnergyModule
    states: States
    settings: Settings
    samples: Samples
    held_out: Samples
    sources: Sources
    directory: RunDirectory
    checkpoint: Checkpoint
    carried: Checkpoint

    @property
    def plan(self) -> Plan:
        """The plan that is carried out."""
        return self.module.plan

    @property
    def stage(self) -> str:
        """The name of the stage, if it has one."""
        return self.job.stages[self.number][0]

    @property
    def options(self) -> TrainOptions:
        """What was asked for on the command line."""
        return self.job.options

    @property
    def program(self) -> str:
        """The text of the whole program."""
        return self.job.program

    @property
    def before(self) -> int:
        """How many steps the stages before it have taken."""
        return self.checkpoint.before

    @property
    def exact(self) -> bool:
        """Whether parameters move by exact steps on all samples, not along a gradient."""
        return all(update.method == "alternation" for update in self.plan.updates)

    @property
    def per_epoch(self) -> int:
        """How many steps see every sample once; the last ones only where they fill a batch."""
        count, batch = self.samples.count, self.settings.batch
        if self.stacks and count < batch:
            reason = f"`batch(…)` stacks {batch} samples, and there are {count}"
            raise RunError(f"{reason}: make `batch` smaller")
        return 1 if self.exact else count // batch if self.stacks else -(-count // batch)

    @property
    def stacks(self) -> bool:
        """Whether every batch has the same size, as a loss holds `batch(u)`."""
        return stacks(self.plan)

    @property
    def steps(self) -> int:
        """How many steps the whole run takes."""
        if not self.plan.updates:
            return 0
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
            **({"stage": self.stage} if self.stage else {}),
            "samples": self.samples.count,
            **length,
            "methods": ", ".join(step.method for step in self.plan.eliminations),
            "precision": self.settings.precision,
            "seed": self.settings.seed,
            "device": "cpu",
        }


def begin(compilation: Compilation, options: TrainOptions) -> Start:
    """Load the data, draw the initial values, and make the run directory."""
    whole, models = _planned(compilation), bring(compilation, options)
    job = Job(whole, models, options, program_text(compilation))
    start = _fresh(job, 0, directory=RunDirectory(options.out), carried=Checkpoint(0, {}))

    def written(draft: RunDirectory) -> None:
        write_first(start, draft)
        keep(compilation, models, run=draft.path)

    made = create(options.out, whole.model.name, fill=written)
    return replace(start, directory=made)


def rehearse(compilation: Compilation, options: TrainOptions, *, precision: Precision) -> Start:
    """Return a run before its first step that leaves nothing on the disk."""
    whole, models = _planned(compilation), bring(compilation, options)
    (_, plan), *_ = whole.stages or (("", whole),)
    settings = replace(plan.model.settings, precision=precision)
    plain = replace(plan, model=replace(plan.model, settings=settings))
    job = Job(plain, models, options, program_text(compilation))
    return _fresh(job, 0, directory=RunDirectory(options.out), carried=Checkpoint(0, {}))


def following(start: Start) -> Start | None:
    """Return the stage after one that has come to its end, if there is one."""
    if start.number + 1 == len(start.job.stages):
        return None
    last = load_state(start.directory.state)
    carried = replace(last, step=0, optimizers={}, before=last.before + last.step)
    after = _fresh(start.job, start.number + 1, directory=start.directory, carried=carried)
    folder = start.directory.state / after.stage
    folder.mkdir(exist_ok=True)
    after.sources.save(folder)
    manifest = start.directory.manifest
    data = {**manifest.data, **digests(after)}
    start.directory.record(manifest.model_copy(update={"data": data}))
    return after


def _fresh(job: Job, number: int, *, directory: RunDirectory, carried: Checkpoint) -> Start:
    """Return a stage before its first step, with what it takes over from those before it."""
    name, plan = job.stages[number]
    settings = length_of(plan, job.options)
    sources = Sources(plan.model, settings, smoke=job.options.smoke, models=job.models)
    module, samples = lower(plan, dtype=DTYPES[settings.precision]), sources.samples("train")
    supply(module, job.models)
    initialize(module, samples.variables, seed=settings.seed)
    take_over(module, carried)
    start = Start(
        job=job,
        number=number,
        module=module,
        states=States(module, seed=settings.seed),
        settings=settings,
        samples=samples,
        held_out=sources.samples("validation"),
        sources=sources,
        directory=directory,
        checkpoint=replace(carried, stage=name),
        carried=carried,
    )
    return _remembering(start)


def _remembering(start: Start) -> Start:
    """Start every state, and let the first checkpoint hold it."""
    start.states.begin(0, start.steps)
    start.states.fill(start.samples)
    take_over(start.module, start.carried)
    start = _redrawn(start)
    return replace(start, checkpoint=reached(start, 0))


def _redrawn(start: Start) -> Start:
    """Let laws whose options are computed draw, now that there is something to compute with."""
    start.sources.module = start.module
    if not start.sources.computes_laws:
        return start
    held_out = start.sources.samples("validation")
    return replace(start, samples=start.sources.samples("train"), held_out=held_out)


def reached(start: Start, step: int, *, optimizers: Tensors | None = None) -> Checkpoint:
    """Return what a run needs to go on after a step of its stage."""
    return Checkpoint(
        step,
        {**start.carried.weights, **weights_of(start.module)},
        optimizers or {},
        states={**start.carried.states, **start.states.tensors()},
        stage=start.stage,
        before=start.before,
    )


@torch.no_grad()
def take_over(module: EnergyModule, carried: Checkpoint) -> None:
    """Let what stages before have learned, by name and shape, be what a module starts from."""
    known = {**carried.weights, **carried.states}
    for name, held in module.weights.items():
        if name in known and known[name].shape == held.shape:
            held.copy_(known[name])


def resume(compilation: Compilation, run: RunDirectory, *, options: TrainOptions) -> Start:
    """Take up a run at its last checkpoint; only its length may be changed."""
    whole, recorded = _planned(compilation), run.settings
    _verify_same(compilation, run, recorded=recorded)
    if options.seed not in (None, recorded.seed):
        raise RunError(f"{run.id} has seed {recorded.seed}: only its length may be changed")
    models, checkpoint = kept(compilation, run), load_state(run.state)
    _verify_used(compilation, models)
    names = [name for name, _ in (whole.stages or (("", whole),))]
    if checkpoint.stage not in names:
        raise RunError(f"{run.id} has no stage `{checkpoint.stage}`: train anew")
    job = Job(
        whole,
        models,
        options.model_copy(update={"smoke": recorded.smoke}),
        run.program.read_text("utf-8"),
    )
    return _resumed(job, names.index(checkpoint.stage), run=run, checkpoint=checkpoint)


def _resumed(job: Job, number: int, *, run: RunDirectory, checkpoint: Checkpoint) -> Start:
    (name, plan), recorded = job.stages[number], run.settings
    own_ones = recorded.stages.get(name, recorded)
    longer = job.options.model_copy(update={"smoke": False})
    settings = longer.applied_to(settings_of(plan, own_ones))
    smoke, folder = recorded.smoke, run.state / name
    sources = Sources(plan.model, settings, smoke=smoke, folder=folder, models=job.models)
    write_settings(run, lengthened(recorded, name, settings=settings))
    module = lower(plan, dtype=DTYPES[settings.precision])
    fill(module, own(module, checkpoint.weights), path=run.state)
    supply(module, job.models)
    states = States(module, seed=settings.seed)
    states.restore(states.own(checkpoint.states), path=run.state)
    sources.module = module
    keep_until(run.metrics, checkpoint.before + checkpoint.step)
    start = Start(
        job=job,
        number=number,
        module=module,
        states=states,
        settings=settings,
        samples=sources.samples("train"),
        held_out=sources.samples("validation"),
        sources=sources,
        directory=run,
        checkpoint=checkpoint,
        carried=replace(checkpoint, optimizers={}),
    )
    data = run.manifest.data
    if any(data.get(key) != digest for key, digest in digests(start).items()):
        raise RunError(f"the data of {run.id} is not what it was: train anew")
    return start


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
    whole = compilation.plan
    if whole is None:
        raise RunError("the program has errors: `ebmc check` lists them")
    for _, plan in whole.stages or (("", whole),):
        _verify_trained(plan)
    return whole


def _verify_trained(plan: Plan) -> None:
    if not plan.updates and plan.model.parameters:
        raise RunError("the program has no `train` statement: there is nothing to learn")
    exact = [each for each in plan.updates if each.method == "alternation"]
    if exact and len(exact) < len(plan.updates):
        names = ", ".join(f"`{name}`" for name in exact[0].names)
        reason = f"line {exact[0].span.line}: {names} would move by exact steps, others not"
        raise RunError(f"{reason}; write `with adam(1e-3)` there")
