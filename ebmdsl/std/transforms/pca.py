"""`pca`: the leading principal components, each with its own variance."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit, size
from ebmdsl.std.fields import main_field, no_numbers, only, reshaped, unbounded
from ebmdsl.std.spectrum import spectrum

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("pca")
class Pca(Transform):
    """Project on the `k` leading principal components, the strongest first.

    Mean and components come from the training split, in float64.

    References: Jolliffe 2002, doi:10.1007/b98835
    """

    k: int

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        main = main_field(fields)
        refused = no_numbers(fields, "whole pictures have no principal components")
        if refused is not None:
            return refused
        if not 1 <= self.k <= size(main.shape):
            reason = f"there are {size(main.shape)} components, not {self.k}"
            return Misfit(reason, option="k")
        return reshaped(unbounded(fields), (self.k,))

    def fit(self, train: Arrays) -> Arrays:
        _, x = only(train)
        found = spectrum(x.reshape(len(x), -1))
        return {"mean": found.mean, "matrix": found.vectors[:, : self.k].T}

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del rng
        name, x = only(arrays)
        return {name: (x.reshape(len(x), -1) - state["mean"]) @ state["matrix"].T}
