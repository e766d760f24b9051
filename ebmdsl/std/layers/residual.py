"""`residual`: a layer or a pipe that is added to its input."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import add, identity
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.facts import Facts
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("residual")
class Residual(Layer):
    """A layer or a pipe that is added to its input, $x + f(x)$.

    References: He, Zhang, Ren & Sun 2016, arXiv:1512.03385
    """

    body: Layer

    def text(self) -> str:
        """Write it with what is inside."""
        return f"residual({self.body.text()})"

    def seen(self) -> Facts:
        """Return the facts of the sum."""
        return add(identity(), self.body.seen())

    def joined(self, shapes: tuple[Shape, ...]) -> Shape | Misfit:
        """Let the body take the inputs."""
        return self.body.joined(shapes)

    def parts(self, x: Shape) -> tuple[tuple[Layer, Shape], ...]:
        """Return the body with its input."""
        return ((self.body, x),)

    def raised(self, x: Shape) -> int:
        """Return what the body adds."""
        return self.body.raised(x)

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare the parameters of the body."""
        return self.body.weights(x)

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the input if the body keeps it."""
        after = self.body.shape(x)
        if isinstance(after, Misfit) or after == x:
            return after
        return Misfit(
            f"{show(after)} cannot be added to the input, which is {show(x)}",
            "let the layers inside keep the shape, as `pad = same` does",
        )

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        return x + self.body.apply(x, weights, context=context)
