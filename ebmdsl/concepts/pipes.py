"""Layers that are made of layers: a pipe, and a net inside another net."""

from __future__ import annotations

from functools import reduce
from itertools import chain, count, pairwise
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._record import record
from ebmdsl.concepts.facts import Facts, compose, identity
from ebmdsl.concepts.kinds import Layer, Weight
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.shape import Shape


@final
@record
class Pipe(Layer):
    """One layer after the other; the second `linear` calls its weights `linear_2.…`.

    A pipe with a `name` is a copy of the net of this name, with weights of its own.
    """

    word: ClassVar[str] = "pipe"
    layers: tuple[Layer, ...]
    name: str = ""

    @property
    def label(self) -> str:
        """Return the name of the net that it copies."""
        return self.name or self.word

    def text(self) -> str:
        """Write the layers, or the name of the net that it copies."""
        return self.name or " |> ".join(layer.text() for layer in self.layers)

    def seen(self) -> Facts:
        """Return the facts of all layers, one after the other."""
        return passed(layer.seen() for layer in self.layers)

    def joined(self, shapes: tuple[Shape, ...]) -> Shape | Misfit:
        """Let the first layer take the inputs."""
        return self.layers[0].joined(shapes)

    def outputs(self, x: Shape) -> tuple[tuple[str, Shape], ...]:
        """Name the outputs of the last layer."""
        last, shape = self.parts(x)[-1]
        return last.outputs(shape)

    def parts(self, x: Shape) -> tuple[tuple[Layer, Shape], ...]:
        """List the layers with their inputs."""
        found = [(self.layers[0], x)]
        for before, layer in pairwise(self.layers):
            after = before.shape(found[-1][1])
            if isinstance(after, Misfit):
                break
            found.append((layer, after))
        return tuple(found)

    def raised(self, x: Shape) -> int:
        """Return what all layers add."""
        return sum(layer.raised(shape) for layer, shape in self.parts(x))

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare the parameters of every layer under its label."""
        return tuple(
            weight.under(label)
            for label, (layer, shape) in zip(_labels(self.layers), self.parts(x), strict=False)
            for weight in layer.weights(shape)
        )

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape after the last layer, or why a layer does not fit."""
        last, shape = self.parts(x)[-1]
        return last.shape(shape)

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate one layer after the other."""
        held: dict[str, dict[str, Tensor]] = {}
        for name, weight in weights.items():
            label, _, rest = name.partition(".")
            held.setdefault(label, {})[rest] = weight
        for label, layer in zip(_labels(self.layers), self.layers, strict=True):
            x = layer.apply(x, held.get(label, {}), context=context)
        return x


@final
@record
class Inner(Layer):
    """A net inside another net: the same function, with the same weights."""

    word: ClassVar[str] = "net"
    name: str
    body: Pipe

    @property
    def label(self) -> str:
        """Return the name of the net."""
        return self.name

    def text(self) -> str:
        """Write the name of the net."""
        return self.name

    def seen(self) -> Facts:
        """Return the facts of its layers."""
        return self.body.seen()

    def joined(self, shapes: tuple[Shape, ...]) -> Shape | Misfit:
        """Let its first layer take the inputs."""
        return self.body.joined(shapes)

    def outputs(self, x: Shape) -> tuple[tuple[str, Shape], ...]:
        """Name the outputs of the net."""
        return self.body.outputs(x)

    def parts(self, x: Shape) -> tuple[tuple[Layer, Shape], ...]:
        """List the layers of the net."""
        return ((self.body, x),)

    def raised(self, x: Shape) -> int:
        """Return what its layers add."""
        return self.body.raised(x)

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare nothing: the weights are those of the net."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the net's output."""
        return self.body.shape(x)

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate the net at its own weights."""
        del weights
        assert context.shared is not None
        return self.body.apply(x, below(self.name, context.shared), context=context)


def passed(facts: Iterable[Facts]) -> Facts:
    """Return the facts of functions of one argument, applied one after the other."""
    return reduce(lambda inner, outer: compose(outer, inner), facts, identity())


def below(label: str, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights under a label, by the rest of their names."""
    start = f"{label}."
    return {
        name.removeprefix(start): each
        for name, each in weights.items()
        if name.startswith(start)
    }


def _labels(layers: Sequence[Layer]) -> list[str]:
    """Name the layers as the file does: the second linear is `linear_2`."""
    names: dict[str, None] = {}
    for word in (layer.label for layer in layers):
        others = (f"{word}_{number}" for number in count(2))
        names[next(name for name in chain((word,), others) if name not in names)] = None
    return list(names)
