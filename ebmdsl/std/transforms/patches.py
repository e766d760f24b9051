"""`patches`: small squares cut from pictures, as flat vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import PICTURE, main_field, only
from ebmdsl.std.pictures import pictures_on, pixels, windows

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("patches")
class Patches(Transform):
    """Cut `count` training patches of `size` x `size` pixels at random places.

    A test split gives as many patches per pixel as the training split, so its number is
    in proportion. Each patch becomes one vector, row by row.

    References: Olshausen & Field 1996, doi:10.1038/381607a0
    """

    size: int
    count: int = 24_000

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        main = main_field(fields)
        if main.domain != PICTURE:
            return Misfit("patches are cut from pictures", "start from `photographs()`")
        if not 1 <= self.size <= main.shape[0]:
            reason = f"a patch has between 1 and {main.shape[0]} pixels a side"
            return Misfit(reason, option="size")
        if self.count < 1:
            return Misfit("there is nothing to learn from no patches")
        return (Field(main.name, (self.size**2,), low=main.low, high=main.high, main=True),)

    def fit(self, train: Arrays) -> Arrays:
        import numpy as np

        return {"pixels": np.array(pixels(only(train)[1]))}

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        name, sheets = only(arrays)
        count = round(self.count * pixels(sheets) / int(state["pixels"]))
        cut = windows(pictures_on(sheets), self.size, count=count, rng=rng)
        return {name: cut.reshape(count, self.size**2)}
