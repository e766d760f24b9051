"""Exact alternation: latents, then parameters in closed form, on all samples at once."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.lower.closed_form import Coupling, minimize_over, polar, reseeded
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

    from ebmdsl.lower.module import EnergyModule
    from ebmdsl.lower.result import Result
    from ebmdsl.plan.low_rank import LowRank
    from ebmdsl.plan.plan import Plan
    from ebmdsl.runtime.start import Start

    Stop = Callable[[], bool]
    Weights = Mapping[str, Tensor]

GAIN = 1e-7
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
    still = max(STILL, 4 * torch.finfo(start.module.like.dtype).eps)
    for _ in range(start.steps - start.checkpoint.step):
        result = start.module.solve(start.samples.variables, tol=TOLERANCE)
        energy = _told(start, recorder, result=result)
        gain, before = before - energy, energy
        if asked or (gain <= GAIN * abs(energy) if discrete else moved <= still):
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
    samples = {**values, **result.assignment}
    for player in module.plan.updates:
        for block, rows, rank in zip(player.blocks, player.rows, player.low_rank, strict=True):
            found = _subspace(module, samples, block=block, structure=rank)
            moved = max(moved, _move(module, samples, block=block, rows=rows, found=found))
    _fill_unused(module, values, result=result)
    return moved


def _subspace(
    module: EnergyModule,
    samples: Weights,
    *,
    block: tuple[str, ...],
    structure: LowRank | None,
) -> Tensor | None:
    """Return the best orthonormal parameter where it acts only in a low-rank product."""
    if structure is None:
        return None
    like = module.get_parameter(block[0])
    return best_subspace(structure, samples, weights=module.weights, like=like)


def _move(
    module: EnergyModule,
    samples: Weights,
    *,
    block: tuple[str, ...],
    rows: bool,
    found: Tensor | None,
) -> float:
    energy = _Energy(module, names=tuple(samples), block=block)
    old = tuple(module.get_parameter(name).detach().clone() for name in block)
    declared = module.plan.model.find(block[0])
    if found is not None:
        new = (found,)
    elif declared is not None and declared.constraints:
        new = (_rotated(energy, old[0], batches=energy.batches(samples)),)
    else:
        coupling = Coupling.ROWS if rows else Coupling.ALL
        batches = energy.batches(samples)
        new = minimize_over(energy, old, batches=batches, coupling=coupling).parameters
    for name, value in zip(block, new, strict=True):
        module.get_parameter(name).copy_(value)
    return max(_change(a, b) for a, b in zip(old, new, strict=True))


def _change(old: Tensor, new: Tensor) -> float:
    size = old.double().norm().clamp_min(1e-12)
    return float((new.double() - old.double()).norm() / size)


@final
class _Energy:
    """The energy per sample as a function of one block of parameters, in float64."""

    def __init__(
        self, module: EnergyModule, *, names: tuple[str, ...], block: tuple[str, ...]
    ) -> None:
        self.node, self.block = module.plan.energy, block
        self.names = tuple(name for name in names if name in self.node.names)
        weights = module.weights.items()
        self.fixed = {name: x.detach().double() for name, x in weights if name not in block}

    def __call__(self, parameters: tuple[Tensor, ...], *batch: Tensor) -> Tensor:
        moving = dict(zip(self.block, parameters, strict=True))
        given = dict(zip(self.names, batch, strict=True))
        value = evaluate(self.node, {**self.fixed, **moving, **given})
        return value.reshape(-1).expand(batch[0].shape[0])

    def batches(self, samples: Weights) -> list[tuple[Tensor, ...]]:
        """Cut the samples into parts that fit the memory."""
        columns = [samples[name] for name in self.names]
        return list(zip(*(column.split(CHUNK) for column in columns), strict=True))

    def total(self, w: Tensor, batches: list[tuple[Tensor, ...]]) -> Tensor:
        """Return the sum over all samples, for a block of one parameter."""
        parts = [self((w,), *_wide(batch)).sum() for batch in batches]
        return torch.stack(parts).sum()


def _wide(batch: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(x.double() if x.is_floating_point() else x for x in batch)


def _rotated(energy: _Energy, old: Tensor, *, batches: list[tuple[Tensor, ...]]) -> Tensor:
    r"""Return the minimum over orthonormal matrices of an energy that is quadratic in them.

    Where the quadratic part is constant on them, as in $\lVert y - Wz \rVert^2$, that is the
    polar factor of minus the slope at 0 (Procrustes); elsewhere a step of the majorizing
    linear energy, which never climbs. Green 1952, doi:10.1007/BF02288918; Kiers 1990.
    """
    w = old.double()

    def total(w: Tensor) -> Tensor:
        return energy.total(w, batches)

    slope = torch.func.grad(total)
    direct = polar(-slope(torch.zeros_like(w)))
    if bool(total(direct) <= total(w)):
        return direct.to(old.dtype)
    return polar(_curvature(slope, w) * w - slope(w)).to(old.dtype)


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
