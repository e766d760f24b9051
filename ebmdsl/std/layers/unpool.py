"""`unpool`: values put back at their places, the reverse of `phase_pool`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts, Smoothness
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("unpool")
class Unpool(Layer):
    r"""Values put back at their places, the reverse of `phase_pool`.

    Entry $i$ of a pool becomes $m \prod_a \max(1 - \lvert u_{ia} - p_a \rvert / \delta_a, 0)$:
    a tent of one entry's width around the place $p$, in all axes $a$ along which the pool
    extends. It takes two inputs, `what` and `where`. A pool has `size` pixels in each
    direction and as many features, unless `features` says otherwise; pools that overlap
    along the features by a `stride` are added up.

    References: Goroshin, Mathieu & LeCun 2015, arXiv:1506.03011
    """

    size: int
    features: int = 0
    stride: int = 0
    facts: ClassVar[Facts] = Facts(smoothness=Smoothness.C0, block=Block.GROUPED)

    def joined(self, shapes: tuple[Shape, ...]) -> Shape | Misfit:
        """Lay the places under the values: [pools, h, w] and [axes, pools, h, w]."""
        what, where = shapes[0], shapes[-1]
        if len(shapes) != 2 or len(what) != 3 or where[1:] != what:
            given = " and ".join(map(show, shapes))
            return Misfit(
                f"{given} are no values and places of pools",
                "give it the `what` and the `where` of a `phase_pool`",
            )
        return (1 + where[0], *what)

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare no parameters."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the picture that was pooled."""
        if len(x) != 4 or not 2 <= x[0] <= 4:
            return Misfit(
                f"{show(x)} holds no values and places of pools",
                "give it the `what` and the `where` of a `phase_pool`",
            )
        if self.size < 1 or self._places(x[0] - 1) is None:
            return Misfit(
                f"a pool of {self._features(x[0] - 1)} features and {self.size} by {self.size} "
                f"pixels does not extend along {x[0] - 1} axes"
            )
        features = self._features(x[0] - 1)
        channels = (x[1] - 1) * (self.stride or features) + features
        return (channels, x[2] * self._space(x[0] - 1), x[3] * self._space(x[0] - 1))

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, 1 + axes, pools, h, w] -> [n, features, h', w']."""
        del weights, context
        axes = x.shape[1] - 1
        put = x[:, 0, ..., None, None, None]
        for place, axis in enumerate(self._places(axes) or (), 1):
            put = put * _tents(x[:, place], self._extent(axes)[axis], axis=axis)
        if not self.stride or self.stride == self._features(axes):
            placed = put.permute(0, 1, 4, 2, 5, 3, 6)
        else:
            spread = self._spread(x.shape[2], axes).to(x)
            placed = torch.einsum("nphwfab,pfc->nchawb", put, spread)
        shape = self.shape(tuple(x.shape[1:]))
        assert not isinstance(shape, Misfit)
        return placed.reshape(x.shape[0], *shape)

    def _spread(self, pools: int, axes: int) -> Tensor:
        """Return which feature of the picture each feature of each pool is, as ones."""
        features = self._features(axes)
        starts = self.stride * torch.arange(pools)[:, None] + torch.arange(features)
        count = (pools - 1) * self.stride + features
        return torch.nn.functional.one_hot(starts, count)

    def _features(self, axes: int) -> int:
        return self.features or (1 if axes == 2 else self.size)

    def _space(self, axes: int) -> int:
        return 1 if axes == 1 else self.size

    def _extent(self, axes: int) -> tuple[int, int, int]:
        return self._features(axes), self._space(axes), self._space(axes)

    def _places(self, axes: int) -> tuple[int, ...] | None:
        """List the axes along which a pool extends, or None where they are not so many."""
        found = tuple(at for at, length in enumerate(self._extent(axes)) if length > 1)
        return found if len(found) == axes else None


def _tents(place: Tensor, count: int, *, axis: int) -> Tensor:
    """Return the tents around places, [n, p, h, w] -> [n, p, h, w, …] with one long axis."""
    entries = torch.linspace(-1, 1, count).to(place)
    width = 2 / (count - 1)
    tent = (1 - (entries - place[..., None]).abs() / width).relu()
    shape = [count if each == axis else 1 for each in range(3)]
    return tent.reshape([*place.shape, *shape])
