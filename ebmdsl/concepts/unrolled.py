"""A solver that is unrolled: a fixed number of its steps, with maps that are learned."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._record import record
from ebmdsl._torch import torch
from ebmdsl.concepts.facts import Block, Facts, Smoothness
from ebmdsl.concepts.kinds import LINEAR, Layer, Weight
from ebmdsl.concepts.shape import Misfit, show, size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Function
    from ebmdsl.concepts.shape import Shape

ENERGY = "energy"
RULES = ("ista", "coordinate_descent")


@final
@record
class Kernels:
    """Maps that are convolutions: the width of the decoder's kernels and its frame."""

    width: int
    margin: int


@final
@record
class Origin:
    """The energy that the maps start from, as nodes of an expression.

    `smooth` is quadratic in the latent and in what it sees, `weight` is that of the function
    with the prox. In a used `model` the nodes are about its own names; `kernel` names the
    weight of a decoder that is a convolution.
    """

    latent: str
    smooth: Any
    weight: Any = None
    model: str = ""
    kernel: str = ""


@final
@record
class Unrolled(Layer):
    r"""Some steps of a solver, $z_{t+1} = h_\theta(b + S z_t)$ with $b = W x + c$.

    $h$ is the proximal step of the regularizer, and $z_1 = h_\theta(b)$. Coordinate descent
    changes one entry a step: the one that $h$ would change most. The maps start from the
    energy: for $\lVert x - D z \rVert^2 / 2$ they are $D^T / L$ and $1 - D^T D / L$, or for
    coordinates $D^T$ and $1 - D^T D$ by rows of a unit diagonal. Where D is a convolution,
    $S z = k z - A (B z)$ with two convolutions and a number for each channel, so that it is
    the same at the borders too.

    References: Gregor & LeCun 2010, doi:10.5555/3104322.3104374; Sreter & Giryes 2018,
    arXiv:1711.00328
    """

    word: ClassVar[str] = "unroll"
    latent: Shape
    inputs: tuple[Shape, ...]
    names: tuple[str, ...]
    rule: str
    steps: int
    prox: Function | None = None
    nonneg: bool = False
    kernels: Kernels | None = None
    origin: Origin | None = None

    @property
    def separable(self) -> bool:
        """Whether every entry has a threshold of its own."""
        return self.prox is not None and self.prox.facts[0].block <= Block.SEPARABLE

    def text(self) -> str:
        """Write which solver is unrolled, and how far."""
        return f"unroll({self.rule}, {self.steps})"

    def seen(self) -> Facts:
        """Return what is known of a number of steps: the prox bends them."""
        low = 0.0 if self.nonneg else -float("inf")
        if self.rule == "coordinate_descent":
            return Facts(smoothness=Smoothness.STEP, low=low)
        if self.prox is None and not self.nonneg:
            return LINEAR
        jumps = self.prox is not None and not self.prox.facts[0].convex
        return Facts(smoothness=Smoothness.STEP if jumps else Smoothness.C0, low=low)

    def joined(self, shapes: tuple[Shape, ...]) -> Shape | Misfit:
        """Take exactly what the energy sees."""
        if shapes != self.inputs:
            return self._stranger(shapes)
        return (sum(map(prod, shapes)),)

    def raised(self, x: Shape) -> int:
        """Return how often the maps are multiplied."""
        del x
        return 1 + self.steps

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare the maps, the offset and the thresholds."""
        maps = self._dense(x) if self.kernels is None else self._kernels(x, self.kernels)
        found = [Weight(name, shape, init=ENERGY, source=self) for name, shape in maps]
        if self.prox is not None:
            entries = self.latent[:1] if self.kernels is not None else (size(self.latent),)
            shape = entries if self.separable else ()
            threshold = Weight("threshold", shape, init=ENERGY, keeps="nonneg", source=self)
            found.append(threshold)
        return tuple(found)

    def _dense(self, x: Shape) -> tuple[tuple[str, Shape], ...]:
        n, k = size(x), size(self.latent)
        return ("input", (k, n)), ("offset", (k,)), ("lateral", (k, k))

    def _kernels(self, x: Shape, kernels: Kernels) -> tuple[tuple[str, Shape], ...]:
        k, wide = self.latent[0], kernels.width
        up, down = (k, x[0], wide, wide), (x[0], k, wide, wide)
        return ("input", up), ("offset", (k,)), ("kept", (k,)), ("down", down), ("up", up)

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the latent."""
        single = len(self.inputs) == 1 and x == self.inputs[0]
        several = len(self.inputs) > 1 and x == (sum(map(prod, self.inputs)),)
        return self.latent if single or several else self._stranger((x,))

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *latent]."""
        del context
        b = self._mapped(x, weights["input"]) + self._spread(weights["offset"])
        if self.rule == "coordinate_descent":
            return self._coordinates(b, weights)
        z = self._bent(b, weights)
        for _ in range(self.steps):
            z = self._bent(b + self._lateral(z, weights), weights)
        return z

    def _coordinates(self, b: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        """Change the entry that wants it most, step by step."""
        lateral, z = weights["lateral"], torch.zeros_like(b)
        for _ in range(self.steps - 1):
            change = (self._bent(b, weights) - z).flatten(1)
            chosen = change.abs().argmax(1, keepdim=True)
            step = change.gather(1, chosen)
            b = b + (lateral.mT[chosen.squeeze(1)] * step).reshape(b.shape)
            z = z + torch.zeros_like(change).scatter(1, chosen, step).reshape(z.shape)
        return self._bent(b, weights)

    def _mapped(self, x: Tensor, held: Tensor) -> Tensor:
        if self.kernels is None:
            return (x.flatten(1) @ held.mT).reshape(x.shape[0], *self.latent)
        margin = self.kernels.width - 1 - self.kernels.margin
        return torch.nn.functional.conv2d(x, held, padding=margin)

    def _lateral(self, z: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        if self.kernels is None:
            return (z.flatten(1) @ weights["lateral"].mT).reshape(z.shape)
        seen = torch.nn.functional.conv2d(z, weights["down"], padding=self.kernels.margin)
        return self._spread(weights["kept"]) * z - self._mapped(seen, weights["up"])

    def _spread(self, entries: Tensor) -> Tensor:
        """Give numbers per entry or channel the shape of the latent."""
        if self.kernels is not None:
            return entries[:, None, None]
        return entries.reshape(self.latent)

    def _bent(self, z: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
        prox: Any = self.prox
        if prox is not None and self.separable:
            step = self._spread(weights["threshold"]).expand(self.latent).reshape(1, -1)
            z = prox.prox(z.flatten(1), step).reshape(z.shape)
        elif prox is not None:
            return prox.prox(z.relu() if self.nonneg else z, weights["threshold"])
        return z.relu() if self.nonneg else z

    def _stranger(self, shapes: tuple[Shape, ...]) -> Misfit:
        seen = ", ".join(
            f"`{name}`, which is {show(shape)}"
            for name, shape in zip(self.names, self.inputs, strict=True)
        )
        given = " and ".join(map(show, shapes))
        call = ", ".join(self.names)
        return Misfit(f"the energy sees {seen}, not {given}", f"call it as `f({call})`")
