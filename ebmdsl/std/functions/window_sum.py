"""`window_sum`: sum over a window around every entry."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape

EDGES = ("wrap", "zero", "valid")


@final
@concept("window_sum")
class WindowSum(Function):
    r"""Sum over a window around every entry, $y_i = \sum_{j \in W_p(i)} x_j$.

    One axis of a vector, the last two of more. At the edges the window wraps around (a
    torus), sees zeros, or is left out (`valid`). With a `stride` of 2 it stands at every second
    entry only.

    References: Hyvärinen, Hoyer & Inki 2001, doi:10.1162/089976601750264992
    """

    pool: int = 3
    edges: str = "wrap"
    stride: int = 1
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            degree=1,
            curvature=Curvature.AFFINE,
            block=Block.GROUPED,
            monotone=Monotone.INCREASING,
        ),
    )
    symbol: ClassVar[Symbol] = Symbol("window({})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return the shape of the argument, or what whole windows leave of it."""
        event = arguments[0]
        axes = event[-2:]
        if self.edges not in EDGES:
            return Misfit(f"`{self.edges}` names no edges", option="edges", known=EDGES)
        if not axes or not 1 <= self.pool <= min(axes):
            return Misfit(f"a window of {self.pool} does not fit into {show(event)}")
        if self.stride < 1:
            return Misfit(f"a stride is at least 1, not {self.stride}", option="stride")
        return self._event(event)

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        x = arguments[0]
        plane = (
            x[:, None, None]
            if x.dim() == 2
            else x.reshape(x.shape[0], prod(x.shape[1:-2]), *x.shape[-2:])
        )
        window = (1, self.pool) if x.dim() == 2 else (self.pool, self.pool)
        padded = self._padded(plane, window)
        summed = torch.nn.functional.avg_pool2d(
            padded, window, stride=self.stride, divisor_override=1
        )
        return summed.reshape(x.shape[0], *self._event(tuple(x.shape[1:])))

    def _event(self, event: Shape) -> Shape:
        lost = self.pool - 1 if self.edges == "valid" else 0
        return (*event[:-2], *((length - lost - 1) // self.stride + 1 for length in event[-2:]))

    def _padded(self, plane: Tensor, window: tuple[int, int]) -> Tensor:
        if self.edges == "valid":
            return plane
        rows, columns = window
        margins = ((columns - 1) // 2, columns // 2, (rows - 1) // 2, rows // 2)
        mode = "circular" if self.edges == "wrap" else "constant"
        return torch.nn.functional.pad(plane, margins, mode=mode)
