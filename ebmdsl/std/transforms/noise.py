"""`noise`: normal noise on every entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import no_numbers, only, unbounded

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("noise")
class Noise(Transform):
    """Add normal noise of standard deviation `scale`, drawn anew in each epoch.

    References: Bishop 1995, doi:10.1162/neco.1995.7.1.108
    """

    scale: float
    redrawn: ClassVar[bool] = True

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        refused = no_numbers(fields, "noise is added to samples of numbers")
        if refused is not None:
            return refused
        return unbounded(fields) if self.scale > 0 else Misfit("a scale is positive")

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del state
        name, x = only(arrays)
        return {name: x + self.scale * rng.standard_normal(x.shape)}
