"""Moves along single entries: a sweep over all of them, or the one that moves most."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl._torch import torch

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Quadratic

BLOCK = 32


@final
class Sweep:
    """One turn for every entry of a quadratic plus terms of entries or a coupling.

    Entries move in blocks: within one, each move updates the slopes of the block only; all
    other slopes follow by one product of matrices when the block is done.
    """

    def __init__(self, objective: Objective, z: Tensor) -> None:
        self.objective, self.z = objective, z
        self.matrix = quadratic(objective).hessian.tensor
        self.slope = objective.gradient(z)
        coupling = objective.coupling
        self.coupled = None if coupling is None else coupling.hessian.tensor
        self.weight = self.slope if coupling is None else weights(coupling, z.abs())
        self.signed = signs(objective, z)

    def run(self) -> Tensor:
        """Return the point after the sweep, [n, d]."""
        moved: list[Tensor] = []
        for first in range(0, self.z.shape[-1], BLOCK):
            at = slice(first, min(first + BLOCK, self.z.shape[-1]))
            block = self._block(at)
            moved.append(block)
            change = block - self.z[:, at]
            self.slope = self.slope + _times(change, self.matrix[..., at, :])
            if self.coupled is not None:
                grown = block.abs() - self.z[:, at].abs()
                self.weight = self.weight + _times(grown, self.coupled[..., at, :])
        return torch.cat(moved, 1)

    def _block(self, at: slice) -> Tensor:
        """Move the entries of a block one after the other."""
        slope, weight = self.slope[:, at], self.weight[:, at]
        rows = self.matrix[..., at, at]
        coupled = None if self.coupled is None else self.coupled[..., at, at]
        columns: list[Tensor] = []
        for j in range(at.stop - at.start):
            old, here = self.z[:, at.start + j], slice(at.start + j, at.start + j + 1)
            new = self._entry(old, slope[:, j], weight=weight[:, j], at=here)
            slope = slope + (new - old).unsqueeze(-1) * rows[..., j, :]
            if coupled is not None:
                grown = (new.abs() - old.abs()).unsqueeze(-1)
                weight = weight + grown * coupled[..., j, :]
            columns.append(new)
        return torch.stack(columns, 1)

    def _entry(self, old: Tensor, slope: Tensor, *, weight: Tensor, at: slice) -> Tensor:
        """Return the minimum along one entry, [n]."""
        curve = self.matrix[..., at.start, at.start]
        pull = curve * old - slope
        tiny = torch.finfo(old.dtype).tiny
        if self.coupled is None:
            step = (1 / curve.clamp_min(tiny)).reshape(-1, 1)
            point = (pull / curve.clamp_min(tiny)).unsqueeze(-1)
            return self.objective.entries(point, step, at=at).squeeze(-1)
        own = self.coupled[..., at.start, at.start]
        alone = weight - own * old.abs()
        bend = (curve + own).clamp_min(tiny)
        return shrunk(pull, alone, signed=self.signed[at.start]) / bend


def shrunk(pull: Tensor, weight: Tensor, *, signed: Tensor) -> Tensor:
    """Return what minimizes u²/2 - pull u + weight |u|; over u >= 0 where not `signed`."""
    up, down = (pull - weight).relu(), (-pull - weight).relu()
    return torch.where(signed & (down > up), -down, up)


def signs(objective: Objective, z: Tensor) -> Tensor:
    """Tell for every entry whether it may be negative, [d]."""
    return objective.clip(torch.full_like(z[:1], -torch.inf))[0] < 0


def weights(coupling: Quadratic, size: Tensor) -> Tensor:
    """Return the slopes of a coupling at absolute values, [n, d]."""
    return coupling.hessian.times(size) - coupling.linear


def best_entry(objective: Objective, z: Tensor, *, slope: Tensor) -> tuple[Tensor, Tensor]:
    """Move the entry of each sample that moves most to its minimum; return the slopes too."""
    matrix = quadratic(objective).hessian.tensor
    curve = matrix.diagonal(dim1=-2, dim2=-1).clamp_min(torch.finfo(z.dtype).tiny)
    pull = curve * z - slope
    coupling = objective.coupling
    if coupling is None:
        wanted = objective.entries(pull / curve, 1 / curve)
    else:
        own = coupling.hessian.tensor.diagonal(dim1=-2, dim2=-1)
        alone = weights(coupling, z.abs()) - own * z.abs()
        wanted = shrunk(pull, alone, signed=signs(objective, z)) / (curve + own)
    change = wanted - z
    chosen = change.abs().argmax(-1, keepdim=True)
    step = change.gather(1, chosen)
    moved = z.scatter(1, chosen, wanted.gather(1, chosen))
    if matrix.dim() == 2:
        rows = matrix[chosen.squeeze(1)]
    else:
        rows = matrix.gather(1, chosen.unsqueeze(-1).expand(-1, 1, z.shape[1])).squeeze(1)
    return moved, slope + step * rows


def quadratic(objective: Objective) -> Quadratic:
    """Return the smooth part, which the plan has proved quadratic."""
    if objective.quadratic is None:
        raise TypeError("moves along entries were planned for an energy that is no quadratic")
    return objective.quadratic


def _times(change: Tensor, rows: Tensor) -> Tensor:
    if rows.dim() == 2:
        return change @ rows
    return torch.bmm(change.unsqueeze(1), rows).squeeze(1)
