"""Triplets show sample, answer and error; the number below is what is left over."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ebmdsl.report.reconstructions import left_over, lively, reconstruction_triplets
from tests.report.pictures import is_a_picture

RNG = np.random.default_rng(0)


def test_triplets_are_drawn(tmp_path: Path) -> None:
    samples = RNG.standard_normal((6, 12, 12))
    path = reconstruction_triplets(samples, 0.8 * samples, path=tmp_path / "r.png")
    assert is_a_picture(path)


def test_a_constant_sample_is_drawn(tmp_path: Path) -> None:
    flat = np.zeros((3, 8, 8))
    assert is_a_picture(reconstruction_triplets(flat, flat, path=tmp_path / "r.png"))


def test_what_is_left_over_is_a_share_of_the_sample() -> None:
    samples = RNG.standard_normal((5, 4, 4))
    np.testing.assert_allclose(left_over(samples, 0.1 * samples), 0.01)
    assert left_over(np.zeros((1, 4, 4)), np.zeros((1, 4, 4))).tolist() == [0.0]


def test_lively_samples_have_contrast() -> None:
    samples = RNG.standard_normal((20, 4, 4)) * np.tile([0.01, 1.0], 10)[:, None, None]
    assert lively(samples, count=4).tolist() == [1, 3, 5, 7]
