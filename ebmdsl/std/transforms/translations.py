"""`translations`: a patch and its neighbors to the right, pixel by pixel."""

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
@concept("translations")
class Translations(Transform):
    """Cut the same patch again and again while it moves right by a pixel: [frames, size^2].

    Patches are flat, as those of `patches`. Random places of whole pictures give `count`
    training sequences; a test split gives as many in proportion to its pixels.

    References: Kavukcuoglu, Ranzato, Fergus & LeCun 2009, doi:10.1109/CVPR.2009.5206545
    """

    frames: int = 17
    size: int = 16
    count: int = 2_000

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        main = main_field(fields)
        if main.domain != PICTURE:
            return Misfit("moving patches are cut from pictures", "start from `photographs()`")
        if min(self.frames, self.size, self.count) < 1 or self._reach > main.shape[0]:
            return Misfit(f"a patch moves within at most {main.shape[0]} pixels")
        shape = (self.frames, self.size**2)
        return (Field(main.name, shape, low=main.low, high=main.high, main=True),)

    def fit(self, train: Arrays) -> Arrays:
        import numpy as np

        return {"pixels": np.array(pixels(only(train)[1]))}

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        name, sheets = only(arrays)
        count = round(self.count * pixels(sheets) / int(state["pixels"]))
        cut = windows(pictures_on(sheets), self._reach, count=count, rng=rng)
        moved = [cut[:, : self.size, t : t + self.size] for t in range(self.frames)]
        return {name: np.stack(moved, axis=1).reshape(count, self.frames, self.size**2)}

    @property
    def _reach(self) -> int:
        """The side of the square that holds all frames."""
        return self.size + self.frames - 1
