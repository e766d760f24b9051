"""The free energy as a function of points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ebmdsl.report.surface import around, evaluate
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.surface import free_energy, points_of
from tests.runtime.programs import NOISY, SPIRAL, run


def test_it_is_the_distance_to_the_nearest_prototype(tmp_path: Path) -> None:
    model = run(SPIRAL, tmp_path, smoke=False)
    energy, points = free_energy(model), points_of(model, most=40)
    surface = evaluate(energy, around(points), resolution=9)
    w = model.module.get_parameter("W").detach().double().numpy().T
    grid = surface.plane.points(*(x.ravel() for x in np.meshgrid(surface.a, surface.b)))
    by_hand = ((grid[:, None] - w) ** 2).sum(-1).min(-1)
    assert surface.values.ravel() == pytest.approx(by_hand, abs=1e-5)
    assert points.shape == (40, 2)


def test_it_needs_one_observed_vector(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="exactly one observed vector"):
        free_energy(run(NOISY, tmp_path))
