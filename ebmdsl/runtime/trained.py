"""A run taken up again: its program compiled, its weights loaded, its data at hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from ebmdsl.compilation import Compilation
from ebmdsl.lower.module import EnergyModule, lower
from ebmdsl.runtime.checkpoint import load_state, load_weights
from ebmdsl.runtime.errors import RefusedError, RunError
from ebmdsl.runtime.identity import digest_of, settings_of
from ebmdsl.runtime.samples import DTYPES, Sources
from ebmdsl.runtime.states import States, set_schedules
from ebmdsl.source.text import Source

if TYPE_CHECKING:
    from ebmdsl.check.model import Settings
    from ebmdsl.plan.plan import Plan
    from ebmdsl.runtime.directory import RunDirectory
    from ebmdsl.runtime.start import Start


@final
@dataclass(frozen=True, slots=True)
class Trained:
    """What every command about a run needs."""

    run: RunDirectory
    module: EnergyModule
    settings: Settings
    sources: Sources

    @property
    def plan(self) -> Plan:
        """The plan that the module was made from."""
        return self.module.plan


def trained(start: Start) -> Trained:
    """Return the model that a run has just trained."""
    return Trained(start.directory, start.module, start.settings, start.sources)


def open_run(run: RunDirectory) -> Trained:
    """Compile a run's program again and load its weights; refuse what does not belong."""
    recorded, manifest = run.settings, run.manifest
    plan = _plan(run, dict(recorded.hypers))
    digest = digest_of(run.program.read_text("utf-8"), plan)
    if digest != manifest.source:
        raise RefusedError(f"{run.program} is not the program that {run.id} was trained with")
    settings = settings_of(plan, recorded)
    module = lower(plan, dtype=DTYPES[settings.precision])
    load_weights(run.weights, module, digest=digest)
    _remember(module, run, steps=(manifest.step, manifest.steps))
    sources = Sources(plan.model, settings, smoke=recorded.smoke, folder=run.state)
    return Trained(run, module, settings, sources)


def _remember(module: EnergyModule, run: RunDirectory, *, steps: tuple[int, int]) -> None:
    """Give a module back what its last step has left: states, statistics, schedules."""
    done, planned = steps
    set_schedules(module, max(done - 1, 0), planned)
    states = States(module)
    if states.tensors() or module.plan.model.with_role("state"):
        states.restore(load_state(run.state).states, path=run.state)


def _plan(run: RunDirectory, hypers: dict[str, int | float | str | bool]) -> Plan:
    try:
        source = Source(str(run.program), run.program.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"cannot read {run.program}: {error}") from None
    compilation = Compilation(source, hypers)
    if compilation.plan is None:
        first = next(iter(compilation.diagnostics.errors), None)
        reason = "" if first is None else f": {first.message} (line {first.span.line})"
        raise RunError(f"{run.program} does not compile any more{reason}")
    return compilation.plan
