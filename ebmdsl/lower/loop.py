"""The one loop that runs every solver, sample by sample, over a whole batch.

`solve(solver, objective, start, tol=…)` stops each sample at its own certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, final

import torch

from ebmdsl.concepts.problem import Course, Tunable
from ebmdsl.lower.blocks import block_rows, in_blocks
from ebmdsl.lower.unrolling import advanced, unrolled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

    from ebmdsl.concepts.kinds import Solver
    from ebmdsl.lower.objective import Objective

EVERY = 10
MARGIN = 0.8
NARROW = 3e-5
REFILL = 0.7
AGED = 30
TUNED = (100, 300, 1000)
GAIN = 0.9
PATIENCE = 50
NEAR = 1e4


class Status(IntEnum):
    """How the search for one sample ended; the limit is that of steps or of precision."""

    CONVERGED = 0
    AT_LIMIT = 1
    NON_FINITE = 2


@final
@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Per sample: the point [n, d], its certificate, how the search ended, steps taken.

    `names` are what was found; `accepted` is how readily a chain took its last step, [n].
    """

    point: Tensor
    certificate: Tensor
    status: Tensor
    steps: Tensor
    names: tuple[str, ...] = ()
    accepted: Tensor | None = None


def solve(solver: Solver, objective: Objective, *, start: Tensor, tol: float) -> Solution:
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
            point, steps = _counted(solver, objective, start=start, steps=budget.steps)
        certificate = _certified(objective, point, course=budget.course)
        found = Solution(point, certificate, _status(point, certificate, tol=tol), steps)
        if objective.wide is None or budget.course is not Course.CERTIFIED:
            return found
        return _refined(solver, objective, found=found, tol=tol)


def judged(
    solver: Solver, objective: Objective, *, point: Tensor, steps: Tensor, tol: float
) -> Solution:
    """Return points that were found elsewhere with their certificates and their status."""
    tol = tol if solver.budget.tol is None else solver.budget.tol
    with torch.no_grad():
        certificate = _certified(objective, point.detach(), course=solver.budget.course)
        status = _status(point.detach(), certificate, tol=tol)
    return Solution(point, certificate, status, steps)


def _refined(solver: Solver, objective: Objective, *, found: Solution, tol: float) -> Solution:
    """Go on in float64 with the samples that reached the limit of the coarser precision."""
    left = (found.status == Status.AT_LIMIT.value).nonzero()[:, 0]
    if objective.wide is None or not left.shape[0]:
        return found
    start = found.point[left].double()
    finer, more = _Search(solver, objective.wide.rows(left), tol=tol).run(start)
    found.point[left] = finer.to(found.point.dtype)
    found.steps[left] += more
    again = _certified(objective.rows(left), found.point[left], course=Course.CERTIFIED)
    found.certificate[left] = again
    found.status[left] = _status(found.point[left], again, tol=tol)
    return found


def _counted(
    solver: Solver, objective: Objective, *, start: Tensor, steps: int
) -> tuple[Tensor, Tensor]:
    def rowwise(z: Tensor, index: Tensor) -> tuple[Tensor, ...]:
        return (unrolled(solver, objective.rows(index), start=z, steps=steps),)

    index = torch.arange(start.shape[0], device=start.device)
    if not start.shape[0]:
        return start.clone(), torch.full_like(index, steps, dtype=torch.int32)
    point = in_blocks(rowwise, (start, index), work=objective.work)[0]
    return point, torch.full_like(index, steps, dtype=torch.int32)


def _certified(objective: Objective, point: Tensor, *, course: Course) -> Tensor:
    """Return the certificate of every sample, in float64; an exact search needs none."""
    if course is Course.EXACT or not point.shape[0]:
        return point.new_zeros(point.shape[0], dtype=torch.float64)

    def rowwise(z: Tensor, index: Tensor) -> tuple[Tensor, ...]:
        return (objective.rows(index).certify(z),)

    index = torch.arange(point.shape[0], device=point.device)
    return in_blocks(rowwise, (point, index), work=objective.work)[0]


def _status(point: Tensor, certificate: Tensor, *, tol: float) -> Tensor:
    finite = point.isfinite().all(-1) & ~certificate.isnan()
    status = torch.where(certificate <= tol, Status.CONVERGED.value, Status.AT_LIMIT.value)
    return torch.where(finite, status, Status.NON_FINITE.value).to(torch.int8)


@final
@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Samples being worked on: which, how old, how good at best and since when, the state."""

    index: Tensor
    age: Tensor
    best: Tensor
    since: Tensor
    state: Any

    def leaves(self) -> tuple[Tensor, ...]:
        """Return all tensors; each has one row a sample."""
        return (self.index, self.age, self.best, self.since, *self.state)

    def like(self, leaves: Sequence[Tensor]) -> _Rows:
        """Put other tensors in the same places."""
        index, age, best, since, *state = leaves
        return _Rows(index, age, best, since, type(self.state)(*state))

    def take(self, slots: Tensor) -> _Rows:
        """Return some of the rows."""
        return self.like([one[slots] for one in self.leaves()])

    def mixed(self, fresh: _Rows, *, slots: Tensor, count: int) -> _Rows:
        """Put the rows at `slots` first, `count` of them, and fresh ones after."""
        old = torch.arange(slots.shape[0], device=slots.device) < count
        masks = [old.reshape(-1, *[1] * (one.dim() - 1)) for one in self.leaves()]
        trios = zip(masks, self.leaves(), fresh.leaves(), strict=True)
        return self.like([torch.where(mask, one[slots], new) for mask, one, new in trios])


@final
@dataclass(slots=True)
class _Block:
    """Rows with their objective, and which of them still run."""

    rows: _Rows
    objective: Objective
    live: Tensor


@final
class _Search:
    """Runs blocks of a fixed number of rows; a sample that is done makes room for the next.

    A sample's checks fall on multiples of `every` of its own steps, and every operation has
    a shape that its own age decides, whoever shares the block: what is found for a sample
    depends on it alone. Old samples move to smaller blocks, for few grow old.
    """

    def __init__(self, solver: Solver, objective: Objective, *, tol: float) -> None:
        self.solver, self.objective, self.tol = solver, objective, tol
        self.every, self.limit = cadence(solver.budget.steps)

    def run(self, start: Tensor) -> tuple[Tensor, Tensor]:
        """Return the point and the number of steps of every sample."""
        self.start, self.point = start, start.clone()
        self.steps = torch.zeros(start.shape[0], dtype=torch.int32, device=start.device)
        size = block_rows(start, work=self.objective.work)
        if start.shape[0]:
            left = self._stage(self._fresh, start.shape[0], size=size, until=AGED)
            self._slow(left, size=max(size // 4, 1), small=max(size // 16, 1))
        return self.point, self.steps

    def _slow(self, left: _Rows | None, *, size: int, small: int) -> None:
        """Go on with the samples that are left, in stages of their age."""
        solver = self.solver
        for until in (*TUNED, self.limit):
            if left is None:
                return
            size = size if until == TUNED[0] else small
            groups = [(solver, left)]
            if isinstance(solver, Tunable) and until > TUNED[0]:
                groups = list(self._tuned(solver, left))
            old: list[_Rows | None] = []
            for self.solver, rows in groups:
                old.append(self._stage(rows.take, rows.index.shape[0], size=size, until=until))
            left = _joined([rows for rows in old if rows is not None])

    def _tuned(self, solver: Tunable, left: _Rows) -> Iterator[tuple[Solver, _Rows]]:
        """Group samples by how far each turns the knob; go on from where they are."""
        z = self.solver.solution(left.state)

        def level(z: Tensor, index: Tensor) -> tuple[Tensor, ...]:
            return (solver.levels(self.objective.rows(index), z),)

        def start(*, tuned: Solver) -> Callable[..., tuple[Tensor, ...]]:
            return lambda z, index: tuple(tuned.init(self.objective.rows(index), z))

        levels = in_blocks(level, (z, left.index))[0]
        for one in levels.unique().tolist():
            tuned, slots = solver.tuned(one), (levels == one).nonzero()[:, 0]
            rows = left.take(slots)
            leaves = in_blocks(start(tuned=tuned), (z[slots], rows.index))
            yield tuned, rows.like([rows.index, rows.age, rows.best, rows.age, *leaves])

    def _fresh(self, index: Tensor) -> _Rows:
        age = torch.zeros_like(index, dtype=torch.int32)
        best = torch.full_like(index, torch.inf, dtype=torch.float64)
        state = self.solver.init(self.objective.rows(index), self.start[index])
        return _Rows(index, age, best, age, state)

    def _stage(
        self, load: Callable[[Tensor], _Rows], count: int, *, size: int, until: int
    ) -> _Rows | None:
        """Run `count` samples, read by their number, until they are done or that old."""
        old: list[_Rows] = []
        block, waiting, running = None, torch.arange(count, device=self.start.device), 0
        while waiting.shape[0] or running:
            if waiting.shape[0] and running <= REFILL * size:
                room = size - running
                block = self._filled(block, load, new=waiting[:room], size=size)
                waiting = waiting[room:]
            assert block is not None
            self._advance(block)
            aged = block.live & (block.rows.age >= until)
            if bool(aged.any()):
                old.append(block.rows.take(aged.nonzero()[:, 0]))
            block.live &= ~aged
            running = int(block.live.sum())
        return _joined(old)

    def _filled(
        self,
        block: _Block | None,
        load: Callable[[Tensor], _Rows],
        *,
        new: Tensor,
        size: int,
    ) -> _Block:
        """Keep the running samples and add new ones, up to the size of a block."""
        kept = new[:0] if block is None else block.live.nonzero()[:, 0]
        count = kept.shape[0]
        rows = load(_padded(torch.cat([new[:1].expand(count), new]), size))
        if block is not None:
            rows = block.rows.mixed(rows, slots=_padded(kept, size), count=count)
        live = torch.arange(size, device=new.device) < count + new.shape[0]
        return _Block(rows, self.objective.rows(rows.index), live)

    def _advance(self, block: _Block) -> None:
        """Take the steps up to the next look, and write down the samples that are done."""
        state, age = block.rows.state, block.rows.age + self.every
        advance = block.objective.advance or advanced
        state = advance(self.solver, block.objective, state=state, steps=self.every)
        z = self.solver.solution(state)
        certificate = self._look(block, z)
        better = certificate < GAIN * block.rows.best
        best = torch.where(better, certificate, block.rows.best)
        since = torch.where(better, age, block.rows.since)
        still = (age - since) >= torch.clamp(age // 4, min=PATIENCE)
        stuck = still & (best < NEAR * torch.finfo(z.dtype).eps)
        broken = certificate.isnan() | ~z.isfinite().all(-1)
        done = (certificate <= MARGIN * self.tol) | stuck | broken | (age >= self.limit)
        where = block.rows.index[done & block.live]
        self.point[where], self.steps[where] = z[done & block.live], age[done & block.live]
        block.rows = _Rows(block.rows.index, age, best, since, state)
        block.live &= ~done

    def _look(self, block: _Block, z: Tensor) -> Tensor:
        narrow = self.tol < NARROW and z.dtype != torch.float64
        look = block.objective.certify if narrow else block.objective.certificate
        return look(z).double()


def _joined(parts: list[_Rows]) -> _Rows | None:
    columns = zip(*(rows.leaves() for rows in parts), strict=True)
    return parts[0].like([torch.cat(column) for column in columns]) if parts else None


def _padded(index: Tensor, size: int) -> Tensor:
    """Repeat the first entry (or 0) until there are `size`."""
    filler = index[:1] if index.shape[0] else index.new_zeros(1)
    return torch.cat([index, filler.expand(size - index.shape[0])])


def cadence(steps: int) -> tuple[int, int]:
    """Choose every how many steps to look, and the last multiple of that within `steps`."""
    if steps <= EVERY:
        return max(1, steps), max(1, steps)
    every = max(one for one in range(1, EVERY + 1) if steps % one == 0)
    every = every if every >= EVERY // 2 else EVERY
    return every, steps // every * every
