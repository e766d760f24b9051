"""`bumps`: a bright spot that moves on a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Arrays


@final
@concept("bumps")
class Bumps(Dataset):
    """Frames of a Gaussian spot that crosses a dark square at constant velocity.

    `frames` is [length, 1, size, size] with values in [0, 1]; the spot has a deviation of
    `width` pixels and stays inside from the first to the last frame. `place` tells its
    center, row and column in pixels. `n` clips are for training, a quarter as many for
    testing.

    References: Goroshin, Mathieu & LeCun 2015, arXiv:1506.03011
    """

    length: int = 3
    size: int = 16
    width: float = 1.5
    n: int = 2000

    def __post_init__(self) -> None:
        if self.length < 1 or self.size < 1 or self.n < 1:
            raise ValueError("there is at least 1 frame, 1 pixel and 1 clip")
        if self.width <= 0:
            raise ValueError("a spot is wider than nothing: its width is at least a little")

    def fields(self) -> tuple[Field, ...]:
        shape = (self.length, 1, self.size, self.size)
        last = float(self.size - 1)
        return (
            Field("frames", shape, low=0.0, high=1.0, main=True),
            Field("place", (self.length, 2), low=0.0, high=last),
        )

    def load(self, split: str, seed: int) -> Arrays:
        import numpy as np

        training = split == "train"
        rng = np.random.default_rng((seed, int(training)))
        count = self.n if training else self.n // 4
        first, last = rng.uniform(0, self.size - 1, (2, count, 1, 2))
        share = np.linspace(0, 1, self.length)[:, None]
        place = first + share * (last - first)
        axis = np.arange(self.size)
        apart = axis - np.moveaxis(place, 2, 0)[..., None]
        down, across = np.exp(-0.5 * (apart / self.width) ** 2)
        return {"frames": (down[..., None] * across[:, :, None])[:, :, None], "place": place}
