"""`repeat`: a layer or a pipe several times, always with the same weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.pipes import passed
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.facts import Facts
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("repeat")
class Repeat(Layer):
    r"""A layer or a pipe several times with the same weights, $f \circ \dots \circ f$.

    What goes in and what comes out have the same shape; `stack` copies the weights.

    References: Werbos 1990, doi:10.1109/5.58337
    """

    times: int
    body: Layer

    def text(self) -> str:
        """Write it with what is inside."""
        return f"repeat({self.times}, {self.body.text()})"

    def seen(self) -> Facts:
        """Return the facts of all passes, one after the other."""
        return passed([self.body.seen()] * self.times)

    def joined(self, shapes: tuple[Shape, ...]) -> Shape | Misfit:
        """Let the first pass take the inputs."""
        return self.body.joined(shapes)

    def outputs(self, x: Shape) -> tuple[tuple[str, Shape], ...]:
        """Name the outputs of the last pass."""
        return self.body.outputs(x)

    def parts(self, x: Shape) -> tuple[tuple[Layer, Shape], ...]:
        """Return the body with its input."""
        return ((self.body, x),)

    def raised(self, x: Shape) -> int:
        """Return what all passes add: each multiplies with the same weights again."""
        return self.times * self.body.raised(x)

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare the parameters of the body, once."""
        return self.body.weights(x)

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the input if every pass keeps it."""
        if self.times < 1:
            return Misfit(f"{self.times} passes are too few", option="times")
        after = self.body.shape(x)
        if isinstance(after, Misfit) or after == x or self.times == 1:
            return after
        return Misfit(
            f"what repeats keeps its shape, but makes {show(after)} of {show(x)}",
            "`stack` has weights for every shape",
        )

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate the passes, [n, *event] -> [n, *event]."""
        for _ in range(self.times):
            x = self.body.apply(x, weights, context=context)
        return x
