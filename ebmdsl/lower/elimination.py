"""One step of a plan at work: what every ring answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

import torch

from ebmdsl._record import record
from ebmdsl.concepts.context import Context
from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.latents import Reduced
from ebmdsl.lower.loop import Solution, Status
from ebmdsl.lower.seed import Randomness

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.check.model import Model
    from ebmdsl.plan.plan import Eliminate

    Values = Mapping[str, Tensor]

TOLERANCE = 1e-5
LIVE = frozenset({"live", "implicit", "unroll", "one_step"})


@final
@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Values of which every sample has some: all `rows`, [m, …], and the numbers of each.

    `index` is [n, k].
    """

    rows: Tensor
    index: Tensor


@final
@record
class Asked:
    """How latents are asked for: how well, with which random numbers, in which context.

    `tables` say which contrastive points are rows of a table, by name. With `retry`, what a
    search leaves unproved is searched again by safer methods.
    """

    tol: float = TOLERANCE
    randomness: Randomness = Randomness()
    context: Context = Context()
    retry: bool = False
    tables: Mapping[str, Table] = field(default_factory=dict[str, Table])


class Elimination(ABC):
    """One step of the plan, ready to run on a batch.

    `values` hold everything that the step's objective depends on but its own latents, by
    name. A `live` step is handed live parameters, and its answer moves with them.
    """

    def __init__(self, step: Eliminate, model: Model) -> None:
        self.step, self.model = step, model
        self.live = step.gradient in LIVE
        self.reduced = Reduced(step, model)

    @abstractmethod
    def find(self, values: Values, *, samples: int, like: Tensor, asked: Asked) -> Solution:
        """Return the latents [n, d] of every sample, their certificates and status."""

    def value(self, values: Values, point: Tensor, *, asked: Asked) -> Tensor | None:
        """Return F, [n], differentiable in the parameters; None where it is E at the point."""
        del values, point, asked
        return None

    def beta(self, values: Values) -> float:
        """Return the inverse temperature: that of this step of training where it changes."""
        node = self.step.annealed
        return self.step.beta if node is None else float(evaluate(node, values))

    def start(self, values: Values, samples: int, *, like: Tensor) -> Tensor:
        """Return where the search begins, [n, d]: what the file says, else zero."""
        size = self.reduced.layout.size
        node = self.step.start
        if node is None:
            return torch.zeros(samples, size, dtype=like.dtype, device=like.device)
        start = evaluate(node, values)
        one = not node.shape and not node.plates
        return start.reshape([-1, 1 if one else size]).expand(samples, size).to(like.dtype)


def settled(point: Tensor) -> Solution:
    """Return an answer that needs no search."""
    n = point.shape[0]
    zero = torch.zeros(n, dtype=torch.float64, device=point.device)
    finite = point.isfinite().all(-1)
    status = torch.where(finite, Status.CONVERGED.value, Status.NON_FINITE.value)
    return Solution(point, zero, status.to(torch.int8), zero.to(torch.int32))
