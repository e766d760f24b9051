"""Training: one run from its first step to its last, in a directory that is always whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import torch

from ebmdsl.lower.compiled import Compiled
from ebmdsl.lower.elimination import Asked
from ebmdsl.lower.points import named
from ebmdsl.lower.seed import Randomness
from ebmdsl.runtime.alternation import alternate
from ebmdsl.runtime.chains import tell
from ebmdsl.runtime.data import batches
from ebmdsl.runtime.diverged import explain, unproved
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.metrics import summary
from ebmdsl.runtime.negatives import Negatives
from ebmdsl.runtime.players import Players
from ebmdsl.runtime.record import TOLERANCE, Recorder
from ebmdsl.runtime.start import following

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.lower.result import Result
    from ebmdsl.runtime.directory import RunDirectory
    from ebmdsl.runtime.metrics import Listener
    from ebmdsl.runtime.samples import Values
    from ebmdsl.runtime.start import Start

Stop = Callable[[], bool]


def never() -> bool:
    """Let a run go on to its end."""
    return False


def train(start: Start, listener: Listener, *, stop: Stop = never) -> RunDirectory:
    """Run from where `start` stands to the end, or until `stop` says so after a step."""
    use_all_cores(start.options.threads)
    recorder, stopped = _stage(start, listener, stop=stop)
    after = None if stopped else following(start)
    while after is not None:
        recorder.leave()
        recorder, stopped = _stage(after, listener, stop=stop)
        after = None if stopped else following(after)
    recorder.end("interrupted" if stopped else "finished")
    return start.directory


def _stage(start: Start, listener: Listener, *, stop: Stop) -> tuple[Recorder, bool]:
    """Run one stage to its end, or until `stop` says so; tell which."""
    recorder = Recorder(start, listener)
    recorder.begin()
    if start.options.compile:
        start.module.compile_steps(Compiled(tell=listener.note))
    run = rest if not start.plan.updates else alternate if start.exact else descend
    try:
        stopped = run(start, recorder, stop=stop)
    except RunError as error:
        recorder.end("failed", str(error))
        raise RunError(f"{error}\n  last good checkpoint: {start.directory.path}") from None
    except BaseException:
        recorder.end("interrupted", "stopped at once")
        raise
    return recorder, stopped


def use_all_cores(threads: int | None = None) -> None:
    """Give torch every core that this process may use, unless the environment says less."""
    if threads is None and os.environ.get("OMP_NUM_THREADS"):
        return
    torch.set_num_threads(threads or len(os.sched_getaffinity(0)))


def rest(start: Start, recorder: Recorder, *, stop: Stop) -> bool:
    """Keep a model that has nothing to learn as it is, to be asked and measured."""
    del start, stop
    recorder.save({})
    return False


def descend(start: Start, recorder: Recorder, *, stop: Stop) -> bool:
    """Let the players move along their gradients, batch by batch; tell whether stopped."""
    negatives = Negatives(start.module, start.states, samples=start.samples)
    players = Players(start.module, steps=start.steps, negatives=negatives)
    players.restore(start.checkpoint.optimizers)
    asked = False
    while recorder.step < start.steps and not asked:
        drawn = _drawn(start, recorder.step // start.per_epoch)
        asked = _epoch(drawn, recorder, players=players, stop=stop)
        recorder.save(players.state)
        tell(recorder, negatives)
    return asked and recorder.step < start.steps


def _drawn(start: Start, epoch: int) -> Start:
    """Take the samples as they are in this epoch, where a step of their pipeline is random."""
    if not start.sources.redrawn:
        return start
    return replace(start, samples=start.sources.samples("train", epoch=epoch))


def _epoch(start: Start, recorder: Recorder, *, players: Players, stop: Stop) -> bool:
    """Take the steps that are left of an epoch; tell whether asked to stop."""
    for rows in _rest_of_epoch(start, recorder.step):
        recorder.add(step_once(start, players, rows=rows, recorder=recorder))
        if stop():
            return True
        if recorder.step == start.steps:
            return False
    return False


def _rest_of_epoch(start: Start, step: int) -> islice[Tensor]:
    epoch, done = divmod(step, start.per_epoch)
    settings = start.settings
    order = batches(start.samples.count, settings.batch, seed=settings.seed, epoch=epoch)
    return islice(order, done, start.per_epoch)


def step_once(start: Start, players: Players, *, rows: Tensor, recorder: Recorder) -> Tensor:
    """Take one step: draw, find the latents, move; return the summary of the batch."""
    step = recorder.step
    start.states.begin(step, start.steps)
    values = start.samples.rows(rows)
    values |= start.sources.noise(len(rows), step=step, values=values)
    values |= start.states.rows(rows)
    randomness = Randomness(start.settings.seed, step)
    policy = start.settings.on_failure
    asked = Asked(TOLERANCE, randomness, start.states.context(step), retry=policy == "retry")
    result = start.module.asked(values, asked)
    if policy == "raise":
        _verify_proved(start, result, rows=rows, step=step)
    values |= players.points({**values, **named(result)}, rows=rows, asked=asked)

    def watch(loss: Tensor) -> None:
        if not bool(loss.isfinite()):
            recorder.save_if_finite(players.state)
            raise RunError(_message(start, values, result=result, rows=rows, step=step))

    players.move(values, result, step=step, watch=watch, asked=asked)
    start.states.write({**values, **result.assignment}, rows=rows)
    return summary(result)


def _verify_proved(start: Start, result: Result, *, rows: Tensor, step: int) -> None:
    """End the run where a search ended without a proof."""
    reason = unproved(start.module, result.proofs, rows=rows)
    if reason is not None:
        raise RunError(f"step {step + 1}: {reason} (`on_failure = raise`)")


def _message(start: Start, values: Values, *, result: Result, rows: Tensor, step: int) -> str:
    return f"step {step + 1}: {explain(start.module, values, result=result, rows=rows)}"
