"""`linear`: matrix product with the last axis plus a bias."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import LINEAR, Layer, Weight
from ebmdsl.concepts.shape import Misfit, too_small

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.shape import Shape


@final
@concept("linear")
class Linear(Layer):
    """Matrix product with the last axis plus a bias, $W x + b$.

    Every place of a sequence, and every row of a picture, goes through it by itself: write
    `flatten` before it to let all entries meet. `bias = none` leaves the bias out.

    References: Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.1
    """

    size: int
    bias: str = "zeros"
    facts: ClassVar[Facts] = LINEAR

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare a matrix [size, inputs] and a bias."""
        matrix = Weight("weight", (self.size, x[-1]), scale=x[-1] ** -0.5)
        if self.bias == "none":
            return (matrix,)
        return (matrix, Weight("bias", (self.size,), init=self.bias))

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape with the last size replaced."""
        if not x:
            return Misfit("a scalar has no axis to multiply", "use `reshape(1)` first")
        return too_small(size=self.size) or (*x[:-1], self.size)

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event, inputs] -> [n, *event, size]."""
        del context
        return torch.nn.functional.linear(x, weights["weight"], weights.get("bias"))
