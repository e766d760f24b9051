"""Anisotropy is high and the bin right for gratings, low where no orientation is preferred."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ebmdsl.report.orientation import BINS, tuning


def grid(side: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    axis = np.arange(side, dtype=np.float64) - (side - 1) / 2
    down, across = np.meshgrid(axis, axis, indexing="ij")
    return across.astype(np.float64), down.astype(np.float64)


def gabor(degrees: float, *, frequency: float = 0.2, width: float = 2.0) -> NDArray[np.float64]:
    across, down = grid(12)
    angle = np.deg2rad(degrees)
    phase = 2 * np.pi * frequency * (across * np.cos(angle) + down * np.sin(angle))
    return np.exp(-(across**2 + down**2) / (2 * width**2)) * np.cos(phase + 0.7)


def center_surround() -> NDArray[np.float64]:
    across, down = grid(12)
    radius = across**2 + down**2
    return np.exp(-radius / 4) / 4 - np.exp(-radius / 12) / 12


@pytest.mark.parametrize("number", range(BINS))
@pytest.mark.parametrize("offset", [-9.0, 0.0, 9.0])
def test_gabors_are_oriented_and_in_their_bin(number: int, offset: float) -> None:
    degrees = number * 180 / BINS + offset
    found = tuning(gabor(degrees)[None])
    assert found.anisotropy[0] > 0.7
    assert abs((found.degrees[0] - degrees + 90) % 180 - 90) < 2
    assert found.counts.tolist() == np.eye(BINS, dtype=int)[number].tolist()


def test_what_has_no_orientation_scores_low() -> None:
    noise = np.random.default_rng(0).standard_normal((50, 12, 12))
    flat = np.stack((center_surround(), np.zeros((12, 12)), np.full((12, 12), 3.0)))
    assert np.median(tuning(noise).anisotropy) < 0.15
    assert tuning(noise).share < 0.05
    assert tuning(flat).anisotropy.max() < 0.01
    assert tuning(flat).counts.sum() == 0


def test_contrast_and_brightness_do_not_matter() -> None:
    filters = np.stack([gabor(30.0), gabor(75.0)])
    plain, changed = tuning(filters), tuning(-3.0 * filters + 7.0)
    np.testing.assert_allclose(plain.anisotropy, changed.anisotropy)
    np.testing.assert_allclose(plain.degrees, changed.degrees)


def test_a_quarter_turn_turns_the_orientation() -> None:
    found = tuning(np.stack([gabor(30.0), np.rot90(gabor(30.0))]))
    assert abs(found.degrees[1] - found.degrees[0]) == pytest.approx(90, abs=1)
