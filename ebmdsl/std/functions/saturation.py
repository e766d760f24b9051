"""`saturation`: how far units are from where their activation is flat."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("saturation")
class Saturation(Function):
    r"""How far units are from where their activation is flat, $\sum_i \lvert u_i - S \rvert$.

    $S$ is where the activation has slope zero: `relu` is flat below 0, so the distance is
    $[u]_+$; `shrink` between $-w$ and $w$ (the `width`): $[\lvert u \rvert - w]_+$; `clamp`
    outside of that: $[w - \lvert u \rvert]_+$.

    References: Goroshin & LeCun 2013, arXiv:1301.3577
    """

    of: str = "relu"
    width: float = 1.0
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.C0, block=Block.SEPARABLE, low=0),
    )
    symbol: ClassVar[Symbol] = Symbol("saturation({})")

    def seen_by(self, index: int) -> Facts:
        """Return what is known of one activation."""
        match self.of:
            case "relu":
                return replace(
                    self.facts[index],
                    curvature=Curvature.CONVEX,
                    monotone=Monotone.INCREASING,
                )
            case "shrink":
                return replace(self.facts[index], curvature=Curvature.CONVEX)
            case _:
                return self.facts[index]

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for any shape."""
        del arguments
        if self.of not in ("relu", "shrink", "clamp"):
            return Misfit(f"`{self.of}` is flat nowhere", "use `relu`, `shrink` or `clamp`")
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n]."""
        u = arguments[0].unsqueeze(-1).flatten(1)
        match self.of:
            case "relu":
                distance = u
            case "shrink":
                distance = u.abs() - self.width
            case _:
                distance = self.width - u.abs()
        return distance.relu().sum(-1)
