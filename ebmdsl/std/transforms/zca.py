"""`zca`: samples with the identity as their covariance, changed as little as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit, size
from ebmdsl.std import spectrum
from ebmdsl.std.fields import main_field, no_numbers, only, unbounded

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays

LARGEST = 4096


@final
@concept("zca")
class Zca(Transform):
    """Whiten by the symmetric root of the inverse covariance of the training split.

    Eigenvalues below `floor` times the largest count as that much, so that noise is not
    blown up. For gray images with a cut-off frequency there is `whiten`.

    References: Bell & Sejnowski 1997, doi:10.1016/S0042-6989(97)00121-1
    """

    floor: float = 1e-3

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        main = main_field(fields)
        refused = no_numbers(fields, "whole pictures have no covariance")
        if refused is not None:
            return refused
        if size(main.shape) > LARGEST:
            return Misfit(f"more than {LARGEST} entries: the covariance would be too large")
        return unbounded(fields) if self.floor > 0 else Misfit("the floor must be positive")

    def fit(self, train: Arrays) -> Arrays:
        rows = only(train)[1]
        found = spectrum.spectrum(rows.reshape(len(rows), -1))
        return {"mean": found.mean, "matrix": spectrum.zca(found, self.floor)}

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del rng
        name, x = only(arrays)
        rows = (x.reshape(len(x), -1) - state["mean"]) @ state["matrix"]
        return {name: rows.reshape(x.shape)}
