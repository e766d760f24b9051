"""`dequantize`: rounded numbers made continuous again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import main_field, no_numbers, only

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("dequantize")
class Dequantize(Transform):
    """Add to each entry a uniform number in [0, `step`), drawn anew in each epoch.

    With the step by which the entries were rounded the density of the sum is a density
    of the numbers before rounding; without it a density can grow without bound on the
    few values that occur.

    References: Theis, van den Oord & Bethge 2016, arXiv:1511.01844
    """

    step: float
    redrawn: ClassVar[bool] = True

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        main = main_field(fields)
        refused = no_numbers(fields, "only samples of numbers are dequantized")
        if refused is not None:
            return refused
        if self.step <= 0:
            return Misfit("the step between two values is positive", option="step")
        moved = replace(main, domain="real", high=main.high + self.step)
        return tuple(moved if field.main else field for field in fields)

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del state
        name, x = only(arrays)
        return {name: x + self.step * rng.random(x.shape)}
