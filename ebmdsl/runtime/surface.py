"""The free energy as a plain function of points, for surfaces and for use from Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy import float64
from numpy.typing import NDArray

from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.evaluate import TOLERANCE
from ebmdsl.runtime.samples import DTYPES

if TYPE_CHECKING:
    from ebmdsl.check.model import Declared
    from ebmdsl.runtime.trained import Trained

Energy = Callable[[NDArray[float64]], NDArray[float64]]


def observed_vector(model: Trained) -> Declared:
    """Return the one observed vector that an energy surface is over."""
    found = model.plan.model.with_role("observed", "given", "random")
    if len(found) != 1 or len(found[0].shape) != 1 or found[0].plates:
        raise RunError("an energy surface needs exactly one observed vector and nothing else")
    return found[0]


def free_energy(model: Trained) -> Energy:
    """Return F as a function from points [n, d] to energies [n]."""
    name = observed_vector(model).name
    kind = DTYPES[model.settings.precision]

    @torch.no_grad()
    def energy(points: NDArray[float64]) -> NDArray[float64]:
        values = {name: torch.from_numpy(np.ascontiguousarray(points)).to(kind)}
        return model.module.solve(values, tol=TOLERANCE).value.double().numpy()

    return energy


def points_of(model: Trained, *, most: int) -> NDArray[float64]:
    """Return the first test samples as points, [n, d]."""
    samples = model.sources.samples("test").chunk(slice(most))
    return samples.variables[observed_vector(model).name].double().numpy()
