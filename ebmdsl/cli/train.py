"""`ebmc train`: learn a model, and show how it goes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from ebmdsl.cli.compiling import compilation_of, overrides, require
from ebmdsl.cli.failures import Exit
from ebmdsl.cli.interrupt import Interruption, polite_signals
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.pictures import tell_undrawn
from ebmdsl.cli.progress import Lines, Observer, Records, Silence
from ebmdsl.cli.runs import FOLDER, failed, record_of, show_measured
from ebmdsl.cli.shell import Shell, current_shell

if TYPE_CHECKING:
    from ebmdsl.compilation import Compilation
    from ebmdsl.runtime.config import TrainOptions
    from ebmdsl.runtime.directory import RunDirectory
    from ebmdsl.runtime.evaluate import Measured
    from ebmdsl.runtime.start import Start
    from ebmdsl.runtime.trained import Trained

MEASURED = 5000


@declare("train")
@click.argument("file")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Override a value.")
@click.option("--use", "uses", multiple=True, metavar="NAME=RUN", help="Name a used run.")
@click.option("--epochs", type=click.IntRange(min=1), help="How often to see all samples.")
@click.option("--steps", type=click.IntRange(min=1), help="How many steps to take instead.")
@click.option("--seed", type=click.IntRange(min=0), help="Where random numbers start.")
@click.option("--out", type=FOLDER, default="runs", show_default=True, help="Where runs lie.")
@click.option("--resume", metavar="RUN", help="Go on with a run: a folder, an id or a file.")
@click.option("--smoke", is_flag=True, help="Two steps on 64 made-up samples.")
@click.option("--compile", is_flag=True, help="Compile the steps of solvers, if they agree.")
@click.option("--strict", is_flag=True, help="An `expect` that fails fails the command.")
@click.option("--threads", type=click.IntRange(min=1), help="How many cores to use.")
@click.option("--log-every", type=click.IntRange(min=0), help="Steps between lines of a log.")
def command(file: str, pairs: tuple[str, ...], **flags: Any) -> None:
    """Train a model; what it learned is kept in a run directory.

    Ctrl-C ends the run after its step and keeps it; `--resume` goes on.
    """
    shell = current_shell()
    compilation = compilation_of(file, shell, pairs=pairs)
    flags["use"] = overrides(flags.pop("uses"), flag="--use NAME=RUN")
    require(compilation.runnable, compilation, shell=shell)
    if compilation.plan is not None and compilation.plan.model.plots:
        tell_undrawn(compilation.plan.model, shell)
    observer = observer_for(shell, every=flags.pop("log_every"))
    strict, resumed = flags.pop("strict"), flags.pop("resume")
    with polite_signals() as asked:
        start = _start(compilation, _options(flags), resumed=resumed)
        run = _train(start, observer, asked=asked)
    if asked():
        shell.say(f"{run.path}: kept; go on: ebmc train {file} --resume {run.path}")
        click.get_current_context().exit(asked.code)
    if _finish(_trained(start), shell=shell) and strict:
        click.get_current_context().exit(Exit.MODEL)


def _options(flags: dict[str, Any]) -> TrainOptions:
    from ebmdsl.runtime.config import TrainOptions

    return TrainOptions(**flags)


def _start(compilation: Compilation, options: TrainOptions, *, resumed: str | None) -> Start:
    from ebmdsl.runtime.directory import find_run
    from ebmdsl.runtime.start import begin, resume

    if resumed is None:
        return begin(compilation, options)
    return resume(compilation, find_run(resumed, options.out), options=options)


def _train(start: Start, observer: Observer, *, asked: Interruption) -> RunDirectory:
    from ebmdsl.runtime.train import train

    try:
        return train(start, observer, stop=asked)
    finally:
        observer.close()


def _trained(start: Start) -> Trained:
    from ebmdsl.runtime.trained import trained

    return trained(start)


def _finish(model: Trained, *, shell: Shell) -> list[Measured]:
    """Measure, draw, and name the next commands; return the expectations that fail."""
    from ebmdsl.cli.pictures import draw
    from ebmdsl.runtime.evaluate import evaluate_run

    run, manifest = model.run, model.run.manifest
    energy = manifest.energy.get("total")
    reached = "nothing to learn" if energy is None else f"F {energy:.4g}"
    done = f"{click.style('✓', fg='green')} trained {manifest.model}"
    if not shell.wants_json:
        shell.product(f"{done} in {manifest.seconds:.1f} s   {reached}   {run.path}")
    rows = evaluate_run(model, most=MEASURED)
    if not shell.wants_json:
        show_measured(rows, shell)
    pictures = [str(one.path) for one in draw(model, run.report)]
    if shell.wants_json:
        measures = [record_of(row) for row in rows]
        shell.record(event="report", run=str(run.path), measures=measures, pictures=pictures)
        return failed(rows)
    for path in pictures:
        shell.product(f"  look  {path}")
    shell.product(f"  next  ebmc eval {run.path}      ebmc plot {run.path} --open")
    return failed(rows)


def observer_for(shell: Shell, *, every: int | None) -> Observer:
    """Choose how a run is told: a screen on a terminal, lines in a pipe, or JSON."""
    if shell.wants_json:
        return Records(every=1 if every is None else every)
    if shell.quiet:
        return Silence()
    if not sys.stderr.isatty() or os.environ.get("CI"):
        return Lines(every=every or 0)
    from rich.console import Console

    from ebmdsl.cli.screen import Screen

    return Screen(Console(stderr=True))
