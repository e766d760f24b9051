"""`triplets`: a sample, one like it and one unlike it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import UNCUT, classes_of, main_field, others, renamed
from ebmdsl.std.mates import by_label

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("triplets")
class Triplets(Transform):
    """Give each sample `a` one of the same class, `b`, and one of another class, `c`.

    The classes are those of the one-hot field `same`. Every sample is an a and keeps its
    other fields; the rest comes from the same split, anew in each epoch of training. A
    step behind this one changes a only: what all three need stands before.

    References: Weinberger & Saul 2009, Distance metric learning for large margin nearest
    neighbor classification, JMLR 10
    """

    same: str = "label"
    whole: ClassVar[bool] = True
    redrawn: ClassVar[bool] = True

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        main, kept = main_field(fields), others(fields)
        if main.domain in UNCUT:
            return Misfit("whole pictures are not compared", "cut `patches` or `crops` first")
        if classes_of(fields, self.same) is None:
            return Misfit(f"the data has no one-hot field `{self.same}`", option="same")
        if {field.name for field in kept} & set("abc"):
            return Misfit("the data has a field `a`, `b` or `c` already")
        return *(renamed(main, name, main="a") for name in "abc"), *kept

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del state
        x = next(iter(arrays.values()))
        near, far = by_label(arrays[self.same].argmax(axis=1), rng)
        return {"a": x, "b": x[near], "c": x[far]}
