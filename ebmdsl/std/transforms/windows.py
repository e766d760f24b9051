"""`windows`: small squares cut from moving pictures, some frames long."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.clips import clips_on, moving_windows
from ebmdsl.std.fields import CLIP, main_field, only
from ebmdsl.std.pictures import pixels

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("windows")
class Windows(Transform):
    """Cut `count` training windows of `frames` x `size` x `size` at random times and places.

    A window is [frames, 1, size, size] from within one shot, its frames `gap` apart. Where
    little moves there is nothing to learn: only windows are taken whose pixels change by
    at least `moving` on average from frame to frame. A test split gives windows in
    proportion to its pixels.

    References: Goroshin, Bruna, Tompson, Eigen & LeCun 2015, arXiv:1412.6056
    """

    frames: int = 3
    size: int = 32
    gap: int = 1
    count: int = 20_000
    moving: float = 0.02

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        main = main_field(fields)
        if main.domain != CLIP:
            return Misfit("windows are cut from moving pictures", "start from `videos()`")
        length, height, _ = main.shape
        if not 1 <= self.size <= height:
            return Misfit(f"a window has between 1 and {height} pixels a side")
        if not (self.gap >= 1 and 1 <= self.frames <= 1 + (length - 1) // self.gap):
            return Misfit(f"a shot has {length} frames at the most")
        if self.count < 1 or self.moving < 0:
            return Misfit("`count` is at least 1, and `moving` at least 0")
        shape = (self.frames, 1, self.size, self.size)
        return (Field(main.name, shape, low=main.low, high=main.high, main=True),)

    def fit(self, train: Arrays) -> Arrays:
        import numpy as np

        return {"pixels": np.array(pixels(only(train)[1]))}

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        name, sheets = only(arrays)
        count = round(self.count * pixels(sheets) / int(state["pixels"]))
        span = ((self.frames - 1) * self.gap + 1, self.size, self.size)
        cut = moving_windows(clips_on(sheets), span, count=count, rng=rng, limits=self._limits)
        return {name: cut[:, :, None]}

    @property
    def _limits(self) -> tuple[int, float]:
        return self.gap, self.moving
