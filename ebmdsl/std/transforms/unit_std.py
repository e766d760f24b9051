"""`unit_std`: every sample scaled to its own standard deviation."""

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
@concept("unit_std")
class UnitStd(Transform):
    """Divide each sample by the standard deviation of its own entries: contrast is forgotten.

    `floor`, a share of the mean deviation of the training split, keeps flat samples flat.

    References: Hyvarinen, Hurri & Hoyer 2009, doi:10.1007/978-1-84882-491-1
    """

    floor: float = 0.1

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        refused = no_numbers(fields, "whole pictures keep their contrast")
        if refused is not None:
            return refused
        if self.floor <= 0:
            return Misfit("the floor must be positive: a flat sample has deviation 0")
        return unbounded(fields)

    def fit(self, train: Arrays) -> Arrays:
        import numpy as np

        _, x = only(train)
        return {"deviation": np.array(x.std(axis=tuple(range(1, x.ndim))).mean())}

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        del rng
        name, x = only(arrays)
        own = x.std(axis=tuple(range(1, x.ndim)), keepdims=True)
        least = max(self.floor * float(state["deviation"]), float(np.finfo(float).tiny))
        return {name: x / np.maximum(own, least)}
