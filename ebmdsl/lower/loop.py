"""The one loop that runs every solver, sample by sample, over a whole batch.

`solve(solver, objective, start, tol=…)` stops each sample at its own certificate.
`unrolled(solver, objective, start, steps=…)` takes a fixed number of steps without looking
at any value, so that it can be traced, compiled and differentiated.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, final

import torch

from ebmdsl.concepts.problem import Course
from ebmdsl.lower.blocks import block_rows, in_blocks

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.kinds import Solver
    from ebmdsl.lower.objective import Objective

EVERY = 10
MARGIN = 0.8
NARROW = 5e-6
REFILL = 0.7


class Status(IntEnum):
    """How the search for one sample ended."""

    CONVERGED = 0
    AT_LIMIT = 1
    NON_FINITE = 2


@final
@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Per sample: the point [n, d], its certificate, how the search ended, steps taken."""

    point: Tensor
    certificate: Tensor
    status: Tensor
    steps: Tensor


def solve(solver: Solver, objective: Objective, start: Tensor, *, tol: float) -> Solution:
    """Minimize over every sample; a tolerance written at the solver goes before `tol`.

    The final certificate decides the status: a sample whose certificate is not met is at
    the limit (of steps or of precision), and its point stays what the solver found.
    """
    budget = solver.budget
    tol = tol if budget.tol is None else budget.tol
    with torch.no_grad():
        if budget.course is Course.CERTIFIED:
            point, steps = _Search(solver, objective, tol=tol).run(start)
        else:
            point, steps = _counted(solver, objective, start, steps=budget.steps)
        certificate = _certified(objective, point, course=budget.course)
    return Solution(point, certificate, _status(point, certificate, tol=tol), steps)


def unrolled(solver: Solver, objective: Objective, start: Tensor, *, steps: int) -> Tensor:
    """Return the point after exactly these steps: no masks, no host decisions, one graph."""
    state = solver.init(objective, start)
    for _ in range(steps):
        state = solver.step(objective, state)
    return solver.solution(state)


def _counted(
    solver: Solver, objective: Objective, start: Tensor, *, steps: int
) -> tuple[Tensor, Tensor]:
    def rowwise(z: Tensor, index: Tensor) -> tuple[Tensor, ...]:
        return (unrolled(solver, objective.rows(index), z, steps=steps),)

    index = torch.arange(start.shape[0], device=start.device)
    point = in_blocks(rowwise, (start, index))[0] if start.shape[0] else start.clone()
    return point, torch.full_like(index, steps, dtype=torch.int32)


def _certified(objective: Objective, point: Tensor, *, course: Course) -> Tensor:
    """Return the certificate of every sample, in float64; an exact search needs none."""
    if course is Course.EXACT or not point.shape[0]:
        return point.new_zeros(point.shape[0], dtype=torch.float64)

    def rowwise(z: Tensor, index: Tensor) -> tuple[Tensor, ...]:
        return (objective.rows(index).certify(z),)

    return in_blocks(rowwise, (point, torch.arange(point.shape[0], device=point.device)))[0]


def _status(point: Tensor, certificate: Tensor, *, tol: float) -> Tensor:
    finite = point.isfinite().all(-1) & ~certificate.isnan()
    status = torch.where(certificate <= tol, Status.CONVERGED.value, Status.AT_LIMIT.value)
    return torch.where(finite, status, Status.NON_FINITE.value).to(torch.int8)


@final
@dataclass(slots=True)
class _Block:
    """The samples being worked on: which, in what state, how old, and which still run."""

    index: Tensor
    objective: Objective
    state: Any
    age: Tensor
    live: Tensor


@final
class _Search:
    """Runs blocks of a fixed number of rows; a sample that is done makes room for the next.

    A sample's checks fall on multiples of `every` of its own steps, and every operation has
    the same shape whoever shares the block: what is found for a sample depends on it alone.
    """

    def __init__(self, solver: Solver, objective: Objective, *, tol: float) -> None:
        self.solver, self.objective, self.tol = solver, objective, tol
        self.every, self.limit = cadence(solver.budget.steps)

    def run(self, start: Tensor) -> tuple[Tensor, Tensor]:
        """Return the point and the number of steps of every sample."""
        self.start, self.point = start, start.clone()
        n = start.shape[0]
        self.steps = torch.zeros(n, dtype=torch.int32, device=start.device)
        self.next = 0
        block, running = self._fill(None) if n else None, n
        while block is not None and running:
            self._advance(block)
            running = int(block.live.sum())
            if running <= REFILL * block.live.shape[0] and self.next < n:
                block = self._fill(block)
                running = 1
        return self.point, self.steps

    def _advance(self, block: _Block) -> None:
        for _ in range(self.every):
            block.state = self.solver.step(block.objective, block.state)
        block.age += self.every
        z = self.solver.solution(block.state)
        done = self._done(block, z) & block.live
        where = block.index[done]
        self.point[where] = z[done]
        self.steps[where] = block.age[done]
        block.live &= ~done

    def _done(self, block: _Block, z: Tensor) -> Tensor:
        narrow = self.tol < NARROW and z.dtype != torch.float64
        look = block.objective.certify if narrow else block.objective.certificate
        certificate = look(z)
        broken = certificate.isnan() | ~z.isfinite().all(-1)
        return (certificate <= MARGIN * self.tol) | broken | (block.age >= self.limit)

    def _fill(self, block: _Block | None) -> _Block:
        """Keep the running samples and add those that wait, up to the size of a block."""
        start, size = self.start, block_rows(self.start)
        kept = (
            start.new_empty(0, dtype=torch.long)
            if block is None
            else block.live.nonzero()[:, 0]
        )
        old = kept if block is None else block.index[kept]
        last = min(start.shape[0], self.next + size - kept.shape[0])
        new = torch.arange(self.next, last, device=start.device)
        self.next = last
        index = _filled(torch.cat([old, new]), size)
        count = kept.shape[0]
        rows = torch.arange(size, device=start.device)
        objective = self.objective.rows(index)
        state = self.solver.init(objective, start[index])
        age = torch.zeros_like(rows, dtype=torch.int32)
        if block is not None:
            source, old_rows = _filled(kept, size), rows < count
            state = _mixed(old_rows, block.state, source=source, fresh=state)
            age = torch.where(old_rows, block.age[source], age)
        return _Block(index, objective, state, age, rows < count + new.shape[0])


def _filled(index: Tensor, size: int) -> Tensor:
    """Repeat the first entry (or 0) until there are `size`."""
    filler = index[:1] if index.shape[0] else index.new_zeros(1)
    return torch.cat([index, filler.expand(size - index.shape[0])])


def _mixed(old: Tensor, state: Any, *, source: Tensor, fresh: Any) -> Any:
    pairs = zip(state, fresh, strict=True)
    masks = {one.dim(): old.reshape(-1, *[1] * (one.dim() - 1)) for one in fresh}
    return type(fresh)(*(torch.where(masks[b.dim()], a[source], b) for a, b in pairs))


def cadence(steps: int) -> tuple[int, int]:
    """Choose every how many steps to look, and the last multiple of that within `steps`."""
    if steps <= EVERY:
        return max(1, steps), max(1, steps)
    every = max(one for one in range(1, EVERY + 1) if steps % one == 0)
    every = every if every >= EVERY // 2 else EVERY
    return every, steps // every * every
