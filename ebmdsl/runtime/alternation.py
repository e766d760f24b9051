"""Exact alternation: latents, then parameters in closed form, on all samples at once."""

from __future__ import annotations

from copy import copy
from math import inf
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.expr.unbatched import unbatched
from ebmdsl.lower.closed_form import Coupling, minimize_over, polar, reseeded
from ebmdsl.lower.completions import SHARE, Completed
from ebmdsl.lower.conjugate import least
from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.low_rank import best_subspace
from ebmdsl.runtime.checkpoint import weights_of
from ebmdsl.runtime.diverged import explain
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.initialize import initialize
from ebmdsl.runtime.metrics import summary
from ebmdsl.runtime.record import TOLERANCE, Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from ebmdsl.expr.node import Node
    from ebmdsl.lower.module import EnergyModule
    from ebmdsl.lower.result import Result
    from ebmdsl.plan.plan import Move, Plan
    from ebmdsl.runtime.start import Start

    Stop = Callable[[], bool]
    Weights = Mapping[str, Tensor]

GAIN = 1e-7
AVERAGED = 1e-9
STILL = 1e-7
CHUNK = 2048
POWER_STEPS = 30


def alternate(start: Start, recorder: Recorder, *, stop: Stop) -> bool:
    """Alternate until nothing changes, from several starts where luck matters.

    Tells whether it was stopped before. The weights of least energy are kept.
    """
    attempts = start.settings.restarts if is_discrete(start.plan) else 1
    attempts = 1 if start.checkpoint.step or start.options.smoke else attempts
    least, best, asked = inf, weights_of(start.module), False
    for attempt in range(attempts):
        if attempt:
            seed = start.settings.seed
            initialize(start.module, start.samples.variables, seed=seed, attempt=attempt)
        energy, asked = _converge(start, recorder, stop=stop)
        if energy < least:
            least, best = energy, weights_of(start.module)
        if asked:
            break
    with torch.no_grad():
        for name, weight in start.module.named_parameters():
            weight.copy_(best[name])
    recorder.save({})
    recorder.settle(summary(start.module.solve(start.samples.variables, tol=TOLERANCE)))
    recorder.close_epoch()
    return asked


def is_discrete(plan: Plan) -> bool:
    """Tell whether a latent is discrete, so that where one ends depends on the start."""
    return any(step.problem is not None and step.problem.discrete for step in plan.eliminations)


def _converge(start: Start, recorder: Recorder, *, stop: Stop) -> tuple[float, bool]:
    """Take turns from the current parameters; return the mean energy, and whether stopped."""
    discrete, before, moved, asked = is_discrete(start.plan), inf, inf, False
    averaged = any(step.ring == "marginalize" for step in start.plan.eliminations)
    still = max(STILL, 4 * torch.finfo(start.module.like.dtype).eps)
    for _ in range(start.steps - start.checkpoint.step):
        result = start.module.solve(start.samples.variables, tol=TOLERANCE)
        energy = _told(start, recorder, result=result)
        gain, before = before - energy, energy
        slow = GAIN if discrete else AVERAGED if averaged else 0.0
        if asked or (gain <= slow * abs(energy) if slow else moved <= still):
            break
        moved = update(start.module, start.samples.variables, result=result)
        asked = stop()
    return before, asked


def _told(start: Start, recorder: Recorder, *, result: Result) -> float:
    row = summary(result)
    energy = float(row[0]) / start.samples.count
    if energy != energy or energy == inf:
        rows = torch.arange(start.samples.count)
        reason = explain(start.module, start.samples.variables, result=result, rows=rows)
        raise RunError(f"step {recorder.step + 1}: {reason}")
    recorder.add(row)
    return energy


@torch.no_grad()
def update(module: EnergyModule, values: Weights, *, result: Result) -> float:
    """Move every block to its minimum; return the largest relative change."""
    moved = 0.0
    completed = module.completions(values, result)
    for player in module.plan.updates:
        for move in player.moves:
            moved = max(moved, _move(module, completed, move=move))
    _fill_unused(module, values, result=result)
    return moved


def _move(module: EnergyModule, completed: Completed, *, move: Move) -> float:
    """Take one exact step; return the largest relative change."""
    old = tuple(module.get_parameter(name).detach().clone() for name in move.names)
    new = _least(module, completed, move=move, old=old)
    for name, value in zip(move.names, new, strict=True):
        module.get_parameter(name).copy_(value)
    if move.conjugate is not None:
        module.project(move.names)
    return max(_change(a, b) for a, b in zip(old, new, strict=True))


def _least(
    module: EnergyModule, completed: Completed, *, move: Move, old: tuple[Tensor, ...]
) -> tuple[Tensor, ...]:
    """Return where the energy is least in the parameters of a move."""
    if move.low_rank is not None:
        weights, like = module.weights, module.get_parameter(move.names[0])
        samples = completed.parts[0]
        subspace = best_subspace(move.low_rank, samples, weights=weights, like=like)
        if subspace is not None:
            return (subspace,)
    energy = _Energy(module, completed, block=move.names)
    if move.conjugate is not None:
        slopes = tuple(energy.of(node).slope for node in move.conjugate.nodes)
        found = least(move.conjugate, slopes or (energy.slope,), old=old[0].double())
        return (found.to(old[0].dtype),)
    declared = module.plan.model.find(move.names[0])
    if declared is not None and declared.constraints:
        return (_rotated(energy, old[0]),)
    if move.coupling == "columns":
        turned = tuple(one.mT for one in old)
        found = minimize_over(
            energy.turned, turned, batches=energy.batches, coupling=Coupling.ROWS
        )
        return tuple(one.mT for one in found.parameters)
    coupling = Coupling.ROWS if move.coupling == "rows" else Coupling.ALL
    return minimize_over(energy, old, batches=energy.batches, coupling=coupling).parameters


def _change(old: Tensor, new: Tensor) -> float:
    size = old.double().norm().clamp_min(1e-12)
    return float((new.double() - old.double()).norm() / size)


@final
class _Energy:
    """The energy per sample as a function of one block of parameters, in float64."""

    def __init__(
        self, module: EnergyModule, completed: Completed, *, block: tuple[str, ...]
    ) -> None:
        self.completed, self.block = completed, block
        weights = module.weights.items()
        self.fixed = {name: x.detach().double() for name, x in weights if name not in block}
        self._read(module.plan.energy)

    def _read(self, node: Node) -> None:
        """Take up a value and the samples' columns that it needs."""
        self.node = unbatched(node, self.completed.common)
        columns, common = self.completed.parts[0], self.completed.common
        counted = next(name for name in columns if name not in common)
        needed = {*self.node.names, SHARE, counted}
        self.names = tuple(name for name in columns if name in needed)
        self.common = [name in common for name in self.names]
        self.batches = [batch for part in self.completed.parts for batch in self._cut(part)]

    def of(self, node: Node) -> _Energy:
        """Return another value of the same samples and parameters."""
        other = copy(self)
        other._read(node)
        return other

    def __call__(self, parameters: tuple[Tensor, ...], *batch: Tensor) -> Tensor:
        moving = dict(zip(self.block, parameters, strict=True))
        given = dict(zip(self.names, batch, strict=True))
        value = evaluate(self.node, {**self.fixed, **moving, **given})
        count = next(x.shape[0] for x, one in zip(batch, self.common, strict=True) if not one)
        return value.reshape(-1).expand(count) * given.get(SHARE, 1)

    def turned(self, parameters: tuple[Tensor, ...], *batch: Tensor) -> Tensor:
        """Return the energy as a function of the transposed parameters."""
        return self(tuple(one.mT for one in parameters), *batch)

    def _cut(self, part: Weights) -> list[tuple[Tensor, ...]]:
        """Cut samples into batches that fit the memory; what they share goes into each."""
        columns = [part[name] for name in self.names]
        rows = next(len(x) for x, one in zip(columns, self.common, strict=True) if not one)
        return [
            tuple(
                x if one else x[low : low + CHUNK]
                for x, one in zip(columns, self.common, strict=True)
            )
            for low in range(0, rows, CHUNK)
        ]

    def total(self, w: Tensor) -> Tensor:
        """Return the sum over all samples, for a block of one parameter."""
        return torch.stack([self((w,), *_wide(batch)).sum() for batch in self.batches]).sum()

    def slope(self, w: Tensor) -> Tensor:
        """Return the slope of the sum over all samples, for a block of one parameter."""
        return torch.func.grad(self.total)(w)


def _wide(batch: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(x.double() if x.is_floating_point() else x for x in batch)


def _rotated(energy: _Energy, old: Tensor) -> Tensor:
    r"""Return the minimum over orthonormal matrices of an energy that is quadratic in them.

    Where the quadratic part is constant on them, as in $\lVert y - Wz \rVert^2$, that is the
    polar factor of minus the slope at 0 (Procrustes); elsewhere a step of the majorizing
    linear energy, which never climbs. Green 1952, doi:10.1007/BF02288918; Kiers 1990.
    """
    w = old.double()
    direct = polar(-energy.slope(torch.zeros_like(w)))
    if bool(energy.total(direct) <= energy.total(w)):
        return direct.to(old.dtype)
    return polar(_curvature(energy.slope, w) * w - energy.slope(w)).to(old.dtype)


def _curvature(slope: Callable[[Tensor], Tensor], w: Tensor) -> Tensor:
    """Bound the largest second derivative by the power method."""
    flat, v = slope(torch.zeros_like(w)), torch.ones_like(w)
    for _ in range(POWER_STEPS):
        v = v / v.norm().clamp_min(torch.finfo(v.dtype).tiny)
        v = slope(v) - flat
    return 1.1 * v.norm()


def _fill_unused(module: EnergyModule, values: Weights, *, result: Result) -> None:
    """Put prototypes that no sample chose on the samples of highest energy."""
    for declared in module.plan.model.with_role("param"):
        if declared.init is None or declared.init.word != "kmeans_pp":
            continue
        used = _used(result, declared.shape[-1])
        samples = values.get(declared.init.of)
        if used is None or samples is None or bool(used.all()):
            continue
        weight = module.get_parameter(declared.name)
        unused = (~used).expand_as(weight)
        energy = result.value.detach()
        weight.copy_(reseeded(weight.detach(), unused, y=samples, energy=energy))


def _used(result: Result, states: int) -> Tensor | None:
    """Tell which states of the one discrete latent occur."""
    if len(result.assignment) != 1:
        return None
    (chosen,) = result.assignment.values()
    return chosen.sum(0) > 0 if chosen.shape[1:] == (states,) else None
