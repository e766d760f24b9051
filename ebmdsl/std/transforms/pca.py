"""`pca`: the leading principal components, each with its own variance."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.std.fields import components, only
from ebmdsl.std.spectrum import spectrum

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays
    from ebmdsl.concepts.shape import Misfit


@final
@concept("pca")
class Pca(Transform):
    """Project on the `k` leading principal components, the strongest first.

    Mean and components come from the training split, in float64.

    References: Jolliffe 2002, doi:10.1007/b98835
    """

    k: int

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        return components(fields, self.k)

    def fit(self, train: Arrays) -> Arrays:
        _, x = only(train)
        found = spectrum(x.reshape(len(x), -1))
        return {"mean": found.mean, "matrix": found.vectors[:, : self.k].T}

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del rng
        name, x = only(arrays)
        return {name: (x.reshape(len(x), -1) - state["mean"]) @ state["matrix"].T}
