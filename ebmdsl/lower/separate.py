"""Blanks that do not meet: every unknown place of a sequence takes its own best value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.loop import Solution, Status
from ebmdsl.lower.points import APART

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from ebmdsl.expr.node import Node

    Values = Mapping[str, Tensor]
    Places = Callable[[Tensor], Tensor]

CHECKS = 3
CLOSE = 1e-9


def separated(
    node: Node, values: Values, *, name: str, free: Tensor, states: Tensor
) -> Solution:
    """Give every free place the value of least energy, as if no place met another.

    `free` is [n, T, *event], `states` are the values of one place, [k, *event]. One evaluation
    for each value gives the table of all places. That the places do not meet is then checked
    at random values of all of them: the certificate is the largest difference between the
    energy there and the sum of the table, relative to the table's range.
    """
    known = values[name]

    def energies(points: Tensor) -> Tensor:
        held = torch.where(free, points.to(known.dtype), known)
        return evaluate(node, {**values, name: held}, world=APART).reshape(known.shape[:2])

    table = torch.stack([energies(one.expand_as(known)) for one in states], -1)
    best = states[table.argmin(-1)].to(known.dtype)
    met = _meeting(energies, table, states=states, best=best)
    point = torch.where(free, best, known).flatten(1).double()
    status = torch.where(met <= CLOSE, Status.CONVERGED.value, Status.AT_LIMIT.value)
    status = torch.where(met.isfinite(), status, Status.NON_FINITE.value).to(torch.int8)
    counts = torch.full_like(status, len(states) + CHECKS, dtype=torch.int32)
    return Solution(point, met, status, counts)


def _meeting(energies: Places, table: Tensor, *, states: Tensor, best: Tensor) -> Tensor:
    """Return how much places change each other's energies, relative to the table, [n]."""
    rng, (n, length, count) = torch.Generator().manual_seed(0), table.shape
    spread = (table.amax(-1) - table.amin(-1)).amax(1).clamp_min(torch.finfo(table.dtype).tiny)
    drawn = [torch.randint(count, (n, length), generator=rng) for _ in range(CHECKS)]
    chosen = [states[index].to(best.dtype) for index in drawn]
    worst = torch.zeros(n, dtype=torch.float64)
    for index, points in zip([table.argmin(-1), *drawn], [best, *chosen], strict=True):
        expected = table.gather(-1, index.unsqueeze(-1))[..., 0]
        worst = torch.maximum(worst, (energies(points) - expected).abs().amax(1) / spread)
    return worst
