"""`softmax`: shares that add up to one along the last axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("softmax")
class Softmax(Layer):
    r"""Shares that add up to one along the last axis, $e^{\beta x_i} / \sum_j e^{\beta x_j}$.

    References: Bridle 1990, doi:10.1007/978-3-642-76153-9_28
    """

    beta: float = 1.0
    facts: ClassVar[Facts] = Facts(low=0, high=1)

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare no parameters."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the input."""
        return x if x else Misfit("a scalar has no axis to share out")

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        del weights, context
        return (self.beta * x).softmax(-1)
