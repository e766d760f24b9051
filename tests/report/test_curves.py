"""Curves are read from the log of a run and named at their ends."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ebmdsl.report.curves import Curve, learning_curve, read_curves, spread
from tests.report.pictures import is_a_picture


@pytest.fixture
def metrics(tmp_path: Path) -> Path:
    path = tmp_path / "metrics.jsonl"
    events: list[dict[str, object]] = [{"event": "start", "model": "m"}]
    for step in range(200):
        terms = {"recon": 5.0 / (1 + step), "sparse": 1.0}
        energy = {**terms, "total": sum(terms.values())}
        events.append({"event": "step", "step": step, "energy": energy})
    events.append({"event": "epoch", "epoch": 1})
    path.write_text("\n".join(map(json.dumps, events)) + "\n")
    return path


def test_every_term_is_a_curve_and_the_total_comes_first(metrics: Path) -> None:
    curves = read_curves(metrics)
    assert [curve.name for curve in curves] == ["total", "recon", "sparse"]
    assert curves[1].values[0] == 5.0
    assert curves[2].steps.tolist() == list(range(200))


def test_terms_add_up(metrics: Path) -> None:
    total, recon, sparse = read_curves(metrics)
    np.testing.assert_allclose(total.values, recon.values + sparse.values)


def test_the_curve_is_drawn(metrics: Path, tmp_path: Path) -> None:
    assert is_a_picture(learning_curve(metrics, tmp_path / "c.png"))


def test_an_empty_log_is_an_empty_picture(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_text("")
    assert learning_curve(path, tmp_path / "c.png").is_file()


def test_smoothing_averages_around_a_place_and_keeps_lines_straight() -> None:
    values = np.arange(400.0)
    np.testing.assert_allclose(Curve("x", values, values).smooth, values)
    rough = np.where(values == 200, 9.0, 0.0)
    assert Curve("x", values, rough).smooth[195:206].tolist() == [0] + [1] * 9 + [0]
    short = Curve("x", values[:5], values[:5])
    assert short.smooth.tolist() == short.values.tolist()


def test_names_are_kept_apart_in_their_order() -> None:
    assert spread([3.0, 1.0, 1.1], gap=0.5) == pytest.approx([3.0, 1.0, 1.5])
    assert spread([], gap=1.0) == []
