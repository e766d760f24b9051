"""A run taken up again: its program compiled, its weights loaded, its data at hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, final

from ebmdsl.compilation import Compilation
from ebmdsl.graph.build import build
from ebmdsl.lower.module import EnergyModule, lower
from ebmdsl.runtime.brought import FOLDER, copied, supply
from ebmdsl.runtime.checkpoint import load_state, load_weights
from ebmdsl.runtime.config import TrainOptions
from ebmdsl.runtime.directory import RunDirectory, find_run, runs, write_whole
from ebmdsl.runtime.errors import RefusedError, RunError
from ebmdsl.runtime.identity import digest_of, program_text, settings_of
from ebmdsl.runtime.initialize import initialize
from ebmdsl.runtime.samples import DTYPES, Sources
from ebmdsl.runtime.states import States, set_schedules
from ebmdsl.source.text import Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ebmdsl.check.model import Settings
    from ebmdsl.plan.plan import Plan
    from ebmdsl.runtime.start import Start


@final
@dataclass(frozen=True, slots=True)
class Trained:
    """What every command about a run needs; `stages` are those of the program, by name."""

    run: RunDirectory
    module: EnergyModule
    settings: Settings
    sources: Sources
    stages: tuple[tuple[str, Trained], ...] = ()

    @property
    def plan(self) -> Plan:
        """The plan that the module was made from."""
        return self.module.plan

    @property
    def last(self) -> Trained:
        """The model as it reads at the end: that of the last stage, if there are stages."""
        return self.stages[-1][1] if self.stages else self


def trained(start: Start) -> Trained:
    """Return the model that a run has just trained; one of several stages is opened anew."""
    if start.stage:
        return open_run(start.directory)
    return Trained(start.directory, start.module, start.settings, start.sources)


def open_run(run: RunDirectory) -> Trained:
    """Compile a run's program again and load its weights; refuse what does not belong."""
    recorded, manifest = run.settings, run.manifest
    compilation = _compiled(run, dict(recorded.hypers))
    plan, models = compilation.plan, kept(compilation, run)
    assert plan is not None
    digest = digest_of(run.program.read_text("utf-8"), plan)
    if digest != manifest.source:
        raise RefusedError(f"{run.program} is not the program that {run.id} was trained with")
    stages = tuple(
        (name, _opened(run, stage, name=name, models=models)) for name, stage in plan.stages
    )
    return replace(_opened(run, plan, name="", models=models), stages=stages)


def _opened(
    run: RunDirectory, plan: Plan, *, name: str, models: Mapping[str, Trained]
) -> Trained:
    """Return a plan with the weights that a run has left: of the program, or of a stage."""
    recorded, manifest = run.settings, run.manifest
    if plan.stages:
        plan = replace(plan, graph=build(replace(plan.model, stages=())))
    settings = settings_of(plan, recorded.stages.get(name, recorded))
    module = lower(plan, dtype=DTYPES[settings.precision])
    load_weights(run.weights, module, digest=manifest.source)
    supply(module, models)
    _remember(module, run, steps=(manifest.step, manifest.steps))
    folder = run.state / name if name or not plan.stages else None
    sources = Sources(plan.model, settings, smoke=recorded.smoke, folder=folder, models=models)
    sources.module = module
    return Trained(run, module, settings, sources)


def bring(compilation: Compilation, options: TrainOptions) -> dict[str, Trained]:
    """Return the used models of a program: their newest finished runs, or those asked for.

    A smoke run makes its models up as it makes up its data: as they are before training.
    """
    unknown = sorted(options.use.keys() - compilation.brought.keys())
    if unknown:
        raise RunError(f"the program uses no model as `{unknown[0]}`")
    return {
        name: _made_up(inner, options)
        if options.smoke
        else _found(name, inner, options=options)
        for name, inner in compilation.brought.items()
    }


def kept(compilation: Compilation, run: RunDirectory) -> dict[str, Trained]:
    """Open the used models that a run keeps; those of a smoke run are made up again."""
    found: dict[str, Trained] = {}
    for name, inner in compilation.brought.items():
        folder = run.path / FOLDER / name
        if run.settings.smoke:
            found[name] = _made_up(inner, TrainOptions(smoke=True, seed=run.settings.seed))
        else:
            found[name] = open_run(RunDirectory(folder))
    return found


def keep(compilation: Compilation, models: Mapping[str, Trained], *, run: Path) -> None:
    """Put what a run uses beside it: whole runs, or only programs where they are made up."""
    for name, inner in compilation.brought.items():
        if models[name].sources.smoke:
            folder = run / FOLDER / name
            folder.mkdir(parents=True)
            write_whole(folder / "model.ebm", program_text(inner))
            keep(inner, models[name].sources.models, run=folder)
        else:
            copied(models[name], run / FOLDER / name)


def _found(name: str, inner: Compilation, *, options: TrainOptions) -> Trained:
    """Open the run of a used model: of this program with these hyper-parameters."""
    assert inner.plan is not None
    digest, path = digest_of(program_text(inner), inner.plan), inner.source.name
    if name in options.use:
        run = find_run(options.use[name], options.out)
        if run.manifest.source != digest:
            raise RunError(f"{run.id} is no run of {path} with the values that are used here")
        return open_run(run)
    for run in reversed(runs(options.out)):
        manifest = run.manifest
        same = manifest.status == "finished" and manifest.source == digest
        if same and not run.settings.smoke:
            return open_run(run)
    values = "".join(f" --set {key}={value}" for key, value in inner.overrides.items())
    raise RunError(
        f"`{name}` has no finished run in {options.out}; make one: ebmc train {path}{values}"
    )


def _made_up(inner: Compilation, options: TrainOptions) -> Trained:
    """Return a model as it is before training, on made-up samples."""
    plan, models = inner.plan, bring(inner, options.model_copy(update={"use": {}}))
    assert plan is not None
    settings = options.applied_to(plan.model.settings)
    sources = Sources(plan.model, settings, smoke=True, models=models)
    module, samples = lower(plan, dtype=DTYPES[settings.precision]), sources.samples("train")
    supply(module, models)
    initialize(module, samples.rows(slice(None)), seed=settings.seed)
    sources.module = module
    set_schedules(module, 0, steps=1)
    States(module, seed=settings.seed).fill(samples)
    return Trained(RunDirectory(options.out), module, settings, sources)


def _remember(module: EnergyModule, run: RunDirectory, *, steps: tuple[int, int]) -> None:
    """Give a module back what its last step has left: states, statistics, schedules."""
    done, planned = steps
    set_schedules(module, max(done - 1, 0), steps=planned)
    states = States(module)
    if states.remembers:
        states.restore(states.own(load_state(run.state).states), path=run.state)


def _compiled(run: RunDirectory, hypers: dict[str, int | float | str | bool]) -> Compilation:
    try:
        source = Source(str(run.program), run.program.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"cannot read {run.program}: {error}") from None
    compilation = Compilation(source, hypers, read=read_kept)
    if compilation.plan is None:
        first = next(iter(compilation.diagnostics.errors), None)
        reason = "" if first is None else f": {first.message} (line {first.span.line})"
        raise RunError(f"{run.program} does not compile any more{reason}")
    return compilation


def read_kept(path: str, source: Source) -> Source:
    """Return the text of a used model from the run that uses it."""
    file, _ = parse(source)
    pieces = () if file is None else ast.walk(file)
    uses = (each for each in pieces if isinstance(each, ast.Use))
    name = next((each.name.text for each in uses if each.other.path.text == path), path)
    target = Path(source.name).parent / FOLDER / name / "model.ebm"
    return Source(str(target), target.read_text("utf-8"))
