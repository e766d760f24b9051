"""`standardize`: every entry with mean 0 and variance 1 over the training split."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import no_numbers, only, unbounded

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("standardize")
class Standardize(Transform):
    """Subtract the mean of each entry and divide by its deviation, both of the training split.

    An entry that never varies becomes zero.

    References: Hastie, Tibshirani & Friedman 2009, doi:10.1007/978-0-387-84858-7
    """

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        refused = no_numbers(fields, "pixels of whole pictures do not correspond")
        if refused is not None:
            return refused
        return unbounded(fields)

    def fit(self, train: Arrays) -> Arrays:
        import numpy as np

        _, x = only(train)
        kind = np.float64
        return {"mean": x.mean(axis=0, dtype=kind), "deviation": x.std(axis=0, dtype=kind)}

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        del rng
        name, x = only(arrays)
        deviation = state["deviation"]
        varies = deviation > np.finfo(np.float32).eps * np.abs(state["mean"])
        scale = np.where(varies, 1 / np.where(varies, deviation, 1.0), 0.0)
        return {name: (x - state["mean"]) * scale}
