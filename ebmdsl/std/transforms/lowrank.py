"""`lowrank`: samples flattened onto a few directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit, size
from ebmdsl.std.fields import main_field, no_numbers, only, unbounded

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("lowrank")
class Lowrank(Transform):
    """Replace the samples by the nearest ones that, as rows of a matrix, have rank `k`.

    The directions are the leading right singular vectors of the training split, about
    zero and not about the mean: the mean is one of the directions.

    References: Eckart & Young 1936, doi:10.1007/BF02288367
    """

    k: int

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        main = main_field(fields)
        refused = no_numbers(fields, "whole pictures are no rows of a matrix")
        if refused is not None:
            return refused
        if not 1 <= self.k <= size(main.shape):
            reason = f"a rank lies between 1 and {size(main.shape)} here"
            return Misfit(reason, option="k")
        return unbounded(fields)

    def fit(self, train: Arrays) -> Arrays:
        import numpy as np

        _, x = only(train)
        rows = x.reshape(len(x), -1).astype(np.float64)
        return {"basis": np.linalg.eigh(rows.T @ rows)[1][:, -self.k :]}

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del rng
        name, x = only(arrays)
        rows = x.reshape(len(x), -1) @ state["basis"] @ state["basis"].T
        return {name: rows.reshape(x.shape)}
