"""`lrelu`: leaky positive part of every entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("lrelu")
class Lrelu(Layer):
    r"""Leaky positive part of every entry, $\max(x, a x)$ with a slope $0 \le a \le 1$.

    References: He, Zhang, Ren & Sun 2015, arXiv:1502.01852
    """

    slope: float = 0.01
    facts: ClassVar[Facts] = Facts(
        curvature=Curvature.CONVEX,
        smoothness=Smoothness.C0,
        block=Block.ELEMENTWISE,
        monotone=Monotone.INCREASING,
    )

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare no parameters."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the input."""
        if not 0 <= self.slope <= 1:
            return Misfit(f"the slope {self.slope:g} is not between 0 and 1", option="slope")
        return x

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        del weights, context
        return torch.nn.functional.leaky_relu(x, self.slope)
