"""The histogram tells how well data and noise are told apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from sklearn import metrics

from ebmdsl.report.histogram import energy_histogram, separation
from tests.report.pictures import is_a_picture

RNG = np.random.default_rng(0)


def test_the_histogram_is_drawn(tmp_path: Path) -> None:
    data, noise = RNG.gamma(2, 1, 500), RNG.gamma(8, 1, 700)
    assert is_a_picture(energy_histogram(data, noise, path=tmp_path / "h.png"))


def test_equal_energies_are_drawn(tmp_path: Path) -> None:
    path = energy_histogram(np.zeros(5), np.zeros(5), path=tmp_path / "h.png")
    assert is_a_picture(path)


def test_separation_is_the_area_under_the_curve() -> None:
    data, noise = RNG.integers(0, 9, 200).astype(float), RNG.integers(3, 12, 300).astype(float)
    truth = np.repeat([0, 1], [200, 300])
    known = cast("Any", metrics).roc_auc_score(truth, np.concatenate((data, noise)))
    assert separation(data, noise) == pytest.approx(known)


def test_separation_runs_from_none_to_all() -> None:
    assert separation(np.zeros(3), np.ones(3)) == 1.0
    assert separation(np.ones(3), np.zeros(3)) == 0.0
    assert separation(np.ones(3), np.ones(3)) == 0.5
