"""The surface on disk is F itself, and its low share is an area."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import cluster

from ebmdsl.report.surface import (
    Plane,
    around,
    energy_surface,
    evaluate,
    low_threshold,
    through,
)
from ebmdsl.std.datasets.spiral import Spiral
from tests.report.pictures import is_a_picture

RNG = np.random.default_rng(0)
CENTERS = RNG.standard_normal((5, 2))
SAMPLES = CENTERS[RNG.integers(0, 5, 300)] + 0.1 * RNG.standard_normal((300, 2))


def nearest(y: NDArray[np.float64], centers: NDArray[np.float64]) -> NDArray[np.float64]:
    return ((y[:, None] - centers) ** 2).sum(axis=2).min(axis=1)


def energy(y: NDArray[np.float64]) -> NDArray[np.float64]:
    return nearest(y, CENTERS)


def read(path: Path) -> tuple[list[str], NDArray[np.float64]]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, np.array(rows, dtype=np.float64)


def test_the_table_equals_the_energy_called_directly(tmp_path: Path) -> None:
    surface = evaluate(energy, around(SAMPLES), resolution=40)
    drawn = energy_surface(surface, tmp_path / "s.png", samples=SAMPLES, threshold=0.05)
    header, table = read(drawn.table)
    assert header == ["y[0]", "y[1]", "F"]
    assert len(table) == 1600
    np.testing.assert_allclose(table[:, 2], energy(table[:, :2]), rtol=0, atol=1e-12)


def test_surface_and_data_are_drawn(tmp_path: Path) -> None:
    surface = evaluate(energy, around(SAMPLES), resolution=60)
    threshold = low_threshold(energy(SAMPLES))
    drawn = energy_surface(
        surface, tmp_path / "s.png", samples=SAMPLES, threshold=threshold, prototypes=CENTERS
    )
    assert is_a_picture(drawn.picture)
    assert drawn.low_share == surface.share_below(threshold)


def test_the_low_share_of_a_disk_is_its_area() -> None:
    def cone(y: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.linalg.norm(y, axis=1)

    plane = Plane(np.zeros(2), np.eye(2)[0], np.eye(2)[1], (-1, 1, -1, 1))
    share = evaluate(cone, plane, resolution=400).share_below(0.5)
    assert share == pytest.approx(np.pi * 0.25 / 4, rel=0.01)


def test_a_flat_energy_is_low_everywhere(tmp_path: Path) -> None:
    surface = evaluate(lambda y: np.zeros(len(y)), around(SAMPLES), resolution=20)
    drawn = energy_surface(surface, tmp_path / "s.png", samples=SAMPLES, threshold=0.0)
    assert drawn.low_share == 1.0


@pytest.mark.parametrize(("k", "known"), [(5, 0.43), (20, 0.14), (40, 0.074)])
def test_more_prototypes_leave_less_of_the_box_low(k: int, known: float) -> None:
    points = Spiral(n=2000).load("train", 0)["point"]
    model = cast("Any", cluster).KMeans(k, n_init=3, random_state=0).fit(points)
    centers: NDArray[np.float64] = model.cluster_centers_
    surface = evaluate(lambda y: nearest(y, centers), around(points), resolution=101)
    share = surface.share_below(low_threshold(nearest(points, centers)))
    assert share == pytest.approx(known, rel=0.15)


def test_a_plane_goes_through_its_three_samples() -> None:
    three = RNG.standard_normal((3, 7))
    plane = through(three)
    corners = plane.points(np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0]))
    np.testing.assert_allclose(corners, three)
    np.testing.assert_allclose(plane.coordinates(three), [[0, 0], [1, 0], [0, 1]], atol=1e-12)


def test_the_box_is_square_and_holds_the_samples() -> None:
    left, right, bottom, top = around(SAMPLES).bounds
    assert right - left == pytest.approx(top - bottom)
    assert left < SAMPLES[:, 0].min() < SAMPLES[:, 0].max() < right
    assert bottom < SAMPLES[:, 1].min() < SAMPLES[:, 1].max() < top


def test_large_grids_are_evaluated_in_pieces() -> None:
    sizes: list[int] = []

    def counted(y: NDArray[np.float64]) -> NDArray[np.float64]:
        sizes.append(len(y))
        return y[:, 0]

    surface = evaluate(counted, around(SAMPLES), resolution=101)
    assert max(sizes) <= 8192
    assert sum(sizes) == surface.values.size
