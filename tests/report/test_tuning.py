"""The tuning picture draws what was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ebmdsl.report.orientation import Tuning
from ebmdsl.report.tuning import tuning_picture
from tests.report.pictures import is_a_picture


def test_the_picture_is_drawn(tmp_path: Path) -> None:
    found = Tuning(np.linspace(0, 1, 40), np.linspace(0, 179, 40))
    assert is_a_picture(tuning_picture(found, tmp_path / "t.png"))


def test_no_oriented_filter_is_drawn(tmp_path: Path) -> None:
    found = Tuning(np.zeros(4), np.zeros(4))
    assert tuning_picture(found, tmp_path / "t.png").is_file()
