"""`reshape`: the same numbers in another shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit, show, size
from ebmdsl.std.fields import UNCUT, main_field, only, reshaped

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("reshape")
class Reshape(Transform):
    """Lay out the entries of each sample anew, row by row: `digits() |> reshape(1, 8, 8)`.

    References: language.md, section 3
    """

    sizes: tuple[int, ...]

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        main = main_field(fields)
        if main.domain in UNCUT:
            return Misfit("whole pictures differ in size", "cut `crops` first")
        if min(self.sizes, default=1) < 1 or size(self.sizes) != size(main.shape):
            return Misfit(f"{show(main.shape)} does not fill {show(self.sizes)}")
        return reshaped(fields, self.sizes)

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del state, rng
        name, x = only(arrays)
        return {name: x.reshape(len(x), *self.sizes)}
