"""`phase_pool`: soft maximum of every pool and where in the pool it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import Misfit, layered, show, too_small

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("phase_pool")
class PhasePool(Layer):
    r"""Soft maximum of every pool, `what`, and the place where it is, `where`.

    With weights $a_i = e^{\beta z_i} / \sum_j e^{\beta z_j}$ over the entries of a pool, `what`
    is $\sum_i a_i z_i$ and `where` is $\sum_i a_i u_i$, the places $u_i$ running from -1 to 1
    along the features, the height and the width of the pool, as far as it extends along them.
    $\beta = 0$ gives mean and center, $\beta \to \infty$ maximum and its place. A pool holds
    `features` maps and `space` by `space` pixels; pools touch in space, and along the
    features unless `stride` says otherwise. `unpool` takes both outputs.

    References: Goroshin, Mathieu & LeCun 2015, arXiv:1506.03011
    """

    features: int
    space: int
    beta: float = 1.0
    stride: int = 0
    facts: ClassVar[Facts] = Facts(block=Block.GROUPED)

    def joined(self, shapes: tuple[Shape, ...]) -> Shape | Misfit:
        """Lay the channels of several pictures on top of each other."""
        return layered(shapes)

    def outputs(self, x: Shape) -> tuple[tuple[str, Shape], ...]:
        """Name the soft maximum and its place."""
        pools = self._pools(x)
        return (("what", pools), ("where", (len(self._places()), *pools)))

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare no parameters."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return [1 + axes, pools, h / space, w / space]: `what`, then `where`."""
        if len(x) != 3:
            return Misfit(f"{show(x)} is no picture of channels, height and width")
        refused = too_small(features=self.features, space=self.space)
        if refused is not None:
            return refused
        if self.features * self.space < 2:
            return Misfit("a pool holds at least two entries")
        if self.features > x[0] or self.stride < 0:
            return Misfit(f"{show(x)} has no pools of {self.features} features")
        if (x[0] - self.features) % self._stride or x[1] % self.space or x[2] % self.space:
            return Misfit(
                f"pools of {self.features} features and {self.space} by {self.space} pixels "
                f"do not tile {show(x)}"
            )
        return (1 + len(self._places()), *self._pools(x))

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, features, h, w] -> [n, 1 + axes, pools, h', w']."""
        del weights, context
        cut = x.unfold(1, self.features, self._stride)
        cut = cut.unfold(2, self.space, self.space).unfold(3, self.space, self.space)
        z = cut.flatten(-3)
        share = (self.beta * z).softmax(-1)
        places = torch.meshgrid(
            *(torch.linspace(-1, 1, n) for n in self._extent), indexing="ij"
        )
        held = [places[axis].flatten().to(z) for axis in self._places()]
        return torch.stack([(share * each).sum(-1) for each in (z, *held)], 1)

    @property
    def _stride(self) -> int:
        return self.stride or self.features

    @property
    def _extent(self) -> tuple[int, int, int]:
        return self.features, self.space, self.space

    def _places(self) -> tuple[int, ...]:
        """List the axes along which a pool extends."""
        return tuple(axis for axis, length in enumerate(self._extent) if length > 1)

    def _pools(self, x: Shape) -> Shape:
        count = (x[0] - self.features) // self._stride + 1
        return (count, x[1] // self.space, x[2] // self.space)
