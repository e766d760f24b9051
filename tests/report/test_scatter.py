"""Points in a plane keep what a plane can hold of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ebmdsl.report.scatter import planar, scatter


def test_the_plane_is_that_of_the_largest_spread(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    points = rng.standard_normal((200, 5)) * np.array([5.0, 0.1, 3.0, 0.1, 0.1])
    flat, share = planar(points)
    assert flat.shape == (200, 2)
    assert share > 0.99
    centered = points - points.mean(0)
    assert np.square(flat).sum() > 0.99 * np.square(centered).sum()
    assert scatter(points, tmp_path / "a.png", title="points").stat().st_size > 1000


def test_two_coordinates_and_one_stay_as_they_are() -> None:
    points = np.random.default_rng(1).standard_normal((9, 2))
    flat, share = planar(points)
    assert np.array_equal(flat, points)
    assert share == 1
    assert np.array_equal(planar(points[:, :1])[0][:, 1], np.zeros(9))
