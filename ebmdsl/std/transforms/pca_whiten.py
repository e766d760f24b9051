"""`pca_whiten`: the leading principal components, each with variance 1."""

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
@concept("pca_whiten")
class PcaWhiten(Transform):
    """Project on the `k` leading principal components and scale each to variance 1.

    Mean and components come from the training split, in float64. Components without
    any variance stay zero.

    References: Hyvarinen, Hurri & Hoyer 2009, doi:10.1007/978-1-84882-491-1
    """

    k: int

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        return components(fields, self.k)

    def fit(self, train: Arrays) -> Arrays:
        import numpy as np

        _, x = only(train)
        found = spectrum(x.reshape(len(x), -1))
        values = found.values[: self.k]
        known = values > np.finfo(float).eps * found.values[0]
        scales = np.where(known, 1 / np.sqrt(np.where(known, values, 1.0)), 0.0)
        return {"mean": found.mean, "matrix": (found.vectors[:, : self.k] * scales).T}

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        del rng
        name, x = only(arrays)
        return {name: np.asarray((x.reshape(len(x), -1) - state["mean"]) @ state["matrix"].T)}
