"""The table of all models: what is kept, in which order they are trained, what a line says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.models.table import Job, depth, table

PROGRAM = """model small(k = 2)
data points = spiral()
observed y : real[2] from points
param m : real[2]
cost distance = sq(y - m)
train by energy
expect mean(F) < 1
"""
USER = """model user
use "small.ebm" as other
observed y : real[2] from other.points
param a : real
cost distance = sq(y - a * other.m)
train by energy
"""


def _written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_result_belongs_to_a_program_a_seed_and_what_the_program_uses(tmp_path: Path) -> None:
    small, user = (
        _written(tmp_path, name, text)
        for name, text in (("small.ebm", PROGRAM), ("user.ebm", USER))
    )
    before = {Job(path, seed).kept() for path in (small, user) for seed in (0, 1)}
    assert len(before) == 4
    _written(tmp_path, "small.ebm", PROGRAM.replace("sq(y - m)", "2 * sq(y - m)"))
    after = {Job(path, seed).kept() for path in (small, user) for seed in (0, 1)}
    assert not before & after


def test_what_is_used_is_trained_first(tmp_path: Path) -> None:
    small = _written(tmp_path, "small.ebm", PROGRAM)
    user = _written(tmp_path, "user.ebm", USER)
    assert (depth(small), depth(user)) == (0, 1)


def _result(value: float, *, holds: bool) -> dict[str, Any]:
    measure = {"kind": "expect", "text": "mean(F) < 1", "value": value, "holds": holds}
    return {"seconds": 2.0, "error": "", "measures": [measure]}


def test_one_seed_that_misses_the_bar_fails_the_model(tmp_path: Path) -> None:
    jobs = [Job(tmp_path / "small.ebm", seed) for seed in range(2)]
    good, bad = _result(0.5, holds=True), _result(1.5, holds=False)
    made, fine = table(dict(zip(jobs, (good, bad), strict=True)))
    assert not fine
    assert [list(column.cells) for column in made.columns][2:4] == [["0.5 1.5"], ["✗ 1.5"]]
    assert table(dict(zip(jobs, (good, good), strict=True)))[1]


def test_a_run_that_ends_early_is_a_failure_with_its_message(tmp_path: Path) -> None:
    broken = {"seconds": 1.0, "error": "step 3: F is not finite", "measures": []}
    made, fine = table({Job(tmp_path / "small.ebm", 0): broken})
    assert not fine
    assert list(made.columns[2].cells) == ["step 3: F is not finite"]
