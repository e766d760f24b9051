"""`pairs`: two samples and whether they are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import UNCUT, classes_of, main_field, others, renamed
from ebmdsl.std.mates import by_distance, by_label

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("pairs")
class Pairs(Transform):
    """Pair each sample `a` with another, `b`; `same` is 1 for half of the pairs, else 0.

    Alike are samples with the same entry of a one-hot field, `pairs(same = label)`, or the
    nearest ones, `pairs(nearest = 5)`. Every sample is the a of one pair and keeps its
    other fields; partners come from the same split, anew in each epoch of training. A step
    behind this one changes a only: what both need stands before.

    References: Hadsell, Chopra & LeCun 2006, doi:10.1109/CVPR.2006.100
    """

    same: str = ""
    nearest: int = 0
    whole: ClassVar[bool] = True
    redrawn: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if bool(self.same) == bool(self.nearest) or self.nearest < 0:
            raise ValueError("write either `pairs(same = label)` or `pairs(nearest = 5)`")

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        main, kept = main_field(fields), others(fields)
        if main.domain in UNCUT:
            return Misfit("whole pictures are not compared", "cut `patches` or `crops` first")
        if self.same and classes_of(fields, self.same) is None:
            return Misfit(f"the data has no one-hot field `{self.same}`", option="same")
        if {field.name for field in kept} & {"a", "b", "same"}:
            return Misfit("the data has a field `a`, `b` or `same` already")
        first, second = (renamed(main, name, main="a") for name in "ab")
        return first, second, Field("same", (), "binary", 0.0, 1.0), *kept

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        del state
        x = next(iter(arrays.values()))
        near, far = (
            by_label(arrays[self.same].argmax(axis=1), rng)
            if self.same
            else by_distance(x, self.nearest, rng=rng)
        )
        same = rng.permutation(len(x)) % 2 == 0
        return {"a": x, "b": x[np.where(same, near, far)], "same": same.astype(np.float64)}
