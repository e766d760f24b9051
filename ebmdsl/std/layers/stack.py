"""`stack`: a layer or a pipe several times, every time with weights of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.pipes import passed
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.facts import Facts
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("stack")
class Stack(Layer):
    r"""A layer or a pipe several times, $f_n \circ \dots \circ f_1$.

    Every copy has weights of its own; `repeat` shares them. A net that is stacked is copied.

    References: Simonyan & Zisserman 2014, arXiv:1409.1556
    """

    times: int
    body: Layer

    def text(self) -> str:
        """Write it with what is inside."""
        return f"stack({self.times}, {self.body.text()})"

    def seen(self) -> Facts:
        """Return the facts of the copies, one after the other."""
        return passed([self.body.seen()] * self.times)

    def joined(self, shapes: tuple[Shape, ...]) -> Shape | Misfit:
        """Let the first copy take the inputs."""
        return self.body.joined(shapes)

    def outputs(self, x: Shape) -> tuple[tuple[str, Shape], ...]:
        """Name the outputs of the last copy."""
        last, shape = self.parts(x)[-1]
        return last.outputs(shape)

    def parts(self, x: Shape) -> tuple[tuple[Layer, Shape], ...]:
        """List the copies with their inputs."""
        found = [(self.body, x)]
        while len(found) < self.times:
            after = self.body.shape(found[-1][1])
            if isinstance(after, Misfit):
                break
            found += [(self.body, after)] * (self.times - 1 if after == x else 1)
        return tuple(found)

    def raised(self, x: Shape) -> int:
        """Return what all copies add."""
        return sum(self.body.raised(shape) for _, shape in self.parts(x))

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare the parameters of every copy under its number."""
        return tuple(
            weight.under(str(number))
            for number, (_, shape) in enumerate(self.parts(x), 1)
            for weight in self.body.weights(shape)
        )

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape after the last copy."""
        if self.times < 1:
            return Misfit(f"{self.times} copies are too few", option="times")
        _, shape = self.parts(x)[-1]
        return self.body.shape(shape)

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate the copies, [n, *event] -> [n, *event']."""
        held: list[dict[str, Tensor]] = [{} for _ in range(self.times)]
        for name, weight in weights.items():
            number, _, rest = name.partition(".")
            held[int(number) - 1][rest] = weight
        for each in held:
            x = self.body.apply(x, each, context=context)
        return x
