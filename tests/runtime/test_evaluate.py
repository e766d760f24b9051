"""Numbers over a split: reductions, certificates, expectations, against numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ebmdsl.runtime.evaluate import CHUNK, Measured, evaluate_run, find_latents
from ebmdsl.runtime.trained import Trained
from tests.runtime.programs import SPARSE, SPIRAL, run

WORDS = {
    "sum": np.sum,
    "mean": np.mean,
    "std": np.std,
    "min": np.min,
    "max": np.max,
    "median": np.median,
}


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    reports = "".join(f"report f_{word} = {word}(F)\n" for word in WORDS)
    more = (
        "report pixels = mean(y)\n"
        "report each = y.std\n"
        "report inside = mean(y - y.mean)\n"
        "report joint = z.cov\n"
        "report bare = l1(z)\n"
        "report weight = mean(W)\n"
        "report iterations = mean(steps(z))\n"
        "report label = max(digs.label)\n"
        "expect F < 1000\n"
        "expect l1(z) < 0\n"
    )
    return run(SPARSE + reports + more, tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def rows(sparse: Trained) -> dict[str, Measured]:
    return {row.text: row for row in evaluate_run(sparse)}


def _arrays(model: Trained) -> dict[str, np.ndarray]:
    found = find_latents(model.module, model.sources.samples("test"))
    return {name: x.double().numpy() for name, x in found.values.items()}


def test_every_reduction_is_that_of_numpy(sparse: Trained, rows: dict[str, Measured]) -> None:
    f = _arrays(sparse)["F"]
    for word, function in WORDS.items():
        assert rows[f"f_{word}"].value == pytest.approx((float(function(f)),), rel=1e-6)


def test_reductions_see_entries_and_samples(sparse: Trained, rows: dict[str, Measured]) -> None:
    values = _arrays(sparse)
    y, z = values["y"], values["z"]
    assert rows["pixels"].value == pytest.approx((y.mean(),), rel=1e-5)
    assert rows["each"].value == pytest.approx(tuple(y.std(0)), rel=1e-5)
    assert rows["inside"].value == pytest.approx((0.0,), abs=1e-6)
    spread = np.cov(z.T, bias=True).reshape(-1)
    assert rows["joint"].value == pytest.approx(tuple(spread), rel=1e-3, abs=1e-6)
    assert rows["bare"].value == pytest.approx((np.abs(z).sum(1).mean(),), rel=1e-5)
    assert rows["used"].value == pytest.approx(tuple(z.mean(0)), rel=1e-4, abs=1e-7)
    weight = sparse.module.get_parameter("W").detach().mean()
    assert rows["weight"].value == pytest.approx((float(weight),), rel=1e-4)
    assert rows["label"].value == (values["digs.label"].max(),)
    assert rows["iterations"].value == pytest.approx((values["steps(z)"].mean(),))


def test_expectations_say_both_sides(rows: dict[str, Measured]) -> None:
    gap = rows["mean(gap(z)) < 1e-4"]
    assert gap.holds is True
    assert gap.bound == pytest.approx(1e-4)
    assert 0 <= gap.value[0] < 1e-4
    assert rows["left < 1e-9"].holds is False
    assert rows["left < 1e-9"].value == rows["left"].value


def test_a_condition_on_every_sample_holds_for_all_or_not(rows: dict[str, Measured]) -> None:
    assert rows["F < 1000"].holds is True
    assert rows["l1(z) < 0"].holds is False


def test_energies_come_first_and_add_up(rows: dict[str, Measured]) -> None:
    (whole,), (a,), (b,) = (rows[f"mean({n})"].value for n in ("F", "recon", "sparse"))
    assert a + b == pytest.approx(whole, rel=1e-6)
    assert rows["share converged"].value == (1.0,)


def test_chunks_change_nothing(sparse: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {row.text: row.value for row in evaluate_run(sparse)}
    assert CHUNK > 64
    monkeypatch.setattr("ebmdsl.runtime.evaluate.CHUNK", 10)
    monkeypatch.setattr("ebmdsl.runtime.numbers.CHUNK", 10)
    for row in evaluate_run(sparse):
        assert row.value == pytest.approx(whole[row.text], rel=1e-4, abs=1e-6)


def test_each_line_is_measured_on_its_own_split(tmp_path: Path) -> None:
    model = run(SPIRAL, tmp_path, smoke=False)
    rows = {row.text: row for row in evaluate_run(model)}
    assert rows["mean(F)"].split == "test"
    assert rows["mean(F) < 1"].split == "train"
    moved = {row.text: row for row in evaluate_run(model, on="test")}
    assert moved["mean(F) < 1"].split == "test"
    assert moved["mean(F) < 1"].value != rows["mean(F) < 1"].value


def test_words_over_a_split_see_all_of_its_samples(tmp_path: Path) -> None:
    reports = (
        "report most = quantile(F, 0.9)\n"
        "report near = knn(y, digs.label)\n"
        "report area = auc(l1(z), F)\n"
        "report same = mmd2(y, y)\n"
    )
    model = run(SPARSE + reports, tmp_path)
    rows = {row.text: row.value[0] for row in evaluate_run(model) if row.value}
    values = _arrays(model)
    assert rows["most"] == pytest.approx(float(np.quantile(values["F"], 0.9)), rel=1e-6)
    length = np.abs(values["z"]).sum(1)
    wins = (values["F"][:, None] > length[None]).mean()
    assert rows["area"] == pytest.approx(float(wins), abs=1e-6)
    away = np.square(values["y"][:, None] - values["y"][None]).sum(-1)
    np.fill_diagonal(away, np.inf)
    classes = values["digs.label"].argmax(1)
    assert rows["near"] == pytest.approx((classes[away.argmin(1)] == classes).mean())
    assert rows["same"] < 0.01
