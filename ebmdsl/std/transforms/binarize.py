"""`binarize`: entries become 0 or 1."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import main_field, no_numbers, only

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("binarize")
class Binarize(Transform):
    """Set an entry to 1 where it is above `threshold`, else to 0.

    References: Salakhutdinov & Murray 2008, doi:10.1145/1390156.1390266
    """

    threshold: float = 0.5

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        main = main_field(fields)
        refused = no_numbers(fields, "whole pictures stay gray")
        if refused is not None:
            return refused
        if not main.low <= self.threshold < main.high:
            return Misfit(
                f"every entry would be the same: they lie in [{main.low}, {main.high}]"
            )
        return tuple(
            replace(field, domain="binary", low=0.0, high=1.0) if field.main else field
            for field in fields
        )

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        del state, rng
        name, x = only(arrays)
        return {name: (x > self.threshold).astype(np.float64)}
