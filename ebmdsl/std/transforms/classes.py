"""`classes`: the samples of some classes only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import classes_of

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("classes")
class Classes(Transform):
    """Keep the samples whose class is in a range, `classes(0..7)`, both ends included.

    The one-hot field `of` then tells these classes apart and no others.

    References: language.md, section 2
    """

    kept: tuple[int, int]
    of: str = "label"
    whole: ClassVar[bool] = True

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        known = classes_of(fields, self.of)
        if known is None:
            return Misfit(f"the data has no one-hot field `{self.of}`", option="of")
        low, high = self.kept
        if not 0 <= low <= high < known:
            reason = f"there are the classes 0..{known - 1}, not {low}..{high}"
            return Misfit(reason, option="kept")
        return tuple(
            replace(field, shape=(high - low + 1,)) if field.name == self.of else field
            for field in fields
        )

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del state, rng
        low, high = self.kept
        label = arrays[self.of][:, low : high + 1]
        found = label.any(axis=1)
        return {**{name: x[found] for name, x in arrays.items()}, self.of: label[found]}
