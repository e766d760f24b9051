"""`abs`: every entry without its sign."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import main_field, no_numbers, only

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("abs")
class Abs(Transform):
    """Rectify: replace each entry by its absolute value.

    References: Jarrett, Kavukcuoglu, Ranzato & LeCun 2009, doi:10.1109/ICCV.2009.5459469
    """

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        main = main_field(fields)
        refused = no_numbers(fields, "only samples of numbers have a sign")
        if refused is not None:
            return refused
        if main.low >= 0:
            return Misfit(f"`{main.name}` is nowhere negative")
        rectified = replace(main, domain="nonneg", low=0.0, high=_most(main))
        return tuple(rectified if field.main else field for field in fields)

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        del state, rng
        name, x = only(arrays)
        return {name: np.abs(x)}


def _most(field: Field) -> float:
    return max(abs(field.low), abs(field.high), 0.0) if field.low > -inf else inf
