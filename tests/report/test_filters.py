"""The filter grid shows every filter once, in order, at its own contrast."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ebmdsl.report.filters import as_pictures, contrasted, filter_grid, tiled
from tests.report.pictures import is_a_picture, pixels

RNG = np.random.default_rng(0)


def test_columns_become_pictures_row_by_row() -> None:
    weights = np.arange(18.0).reshape(9, 2)
    assert as_pictures(weights)[1].tolist() == [[1, 3, 5], [7, 9, 11], [13, 15, 17]]
    with pytest.raises(ValueError, match="not the pixels of a square"):
        as_pictures(np.zeros((10, 2)))


def test_every_picture_is_laid_out_at_full_contrast() -> None:
    pictures = RNG.standard_normal((10, 3, 3)) * np.logspace(-6, 6, 10)[:, None, None]
    sheet = tiled(pictures)
    assert sheet.shape == (11, 15)
    corners = [sheet[4 * (n // 4) : 4 * (n // 4) + 3, 4 * (n % 4) :][:, :3] for n in range(10)]
    np.testing.assert_allclose(np.stack(corners), contrasted(pictures))
    assert np.abs(contrasted(pictures)).max(axis=(1, 2)).tolist() == [1.0] * 10
    assert np.isnan(sheet[:, 3]).all()


def test_a_dead_filter_stays_gray() -> None:
    assert not contrasted(np.zeros((1, 4, 4))).any()


def test_the_grid_is_drawn(tmp_path: Path) -> None:
    path = filter_grid(RNG.standard_normal((36, 20)), tmp_path / "w.png", title="W")
    assert is_a_picture(path)


def test_the_best_score_comes_first(tmp_path: Path) -> None:
    weights = np.stack((np.full(16, 1.0), np.full(16, -1.0)), axis=1)
    bright, dark = (
        pixels(filter_grid(weights, tmp_path / f"{s[0]}.png", scores=np.array(s)))
        for s in ((2.0, 1.0), (1.0, 2.0))
    )
    row = int(0.6 * bright.shape[0])
    left, right = int(0.25 * bright.shape[1]), int(0.75 * bright.shape[1])
    assert bright[row, left] > 0.9 > 0.1 > bright[row, right]
    assert dark[row, left] < 0.1 < 0.9 < dark[row, right]
