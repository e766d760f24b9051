"""How far each program gets: `STATUS` says it, and nothing may lower it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.runtime.config import TrainOptions
from ebmdsl.runtime.directory import RunDirectory
from ebmdsl.runtime.metrics import Silent
from ebmdsl.runtime.start import begin
from ebmdsl.runtime.train import train
from ebmdsl.source.text import Source

HERE = Path(__file__).parent
STAGES = ("parse", "check", "graph", "plan", "train")
FOLDERS = (HERE, HERE / "expansions")
PROGRAMS = {
    path.relative_to(HERE).with_suffix("").as_posix(): path
    for folder in FOLDERS
    for path in folder.glob("*.ebm")
}
FLOOR = {"sparse_coding": "train", "kmeans": "train", "psd": "plan", "rbm": "plan"}


def recorded() -> dict[str, str]:
    lines = (HERE / "STATUS").read_text("utf-8").splitlines()
    return dict(line.split() for line in lines if line and not line.startswith("#"))


def compilation(name: str) -> Compilation:
    path = PROGRAMS[name]
    return Compilation(Source(str(path), path.read_text("utf-8")))


def reached(compiled: Compilation) -> str:
    """The last stage before training that a program gets through without an error."""
    phases: dict[str, Any] = {
        "parse": lambda: compiled.file,
        "check": lambda: compiled.expanded,
        "graph": lambda: compiled.graph,
        "plan": lambda: compiled.plan,
    }
    last = "none"
    for stage, phase in phases.items():
        if phase() is None or not compiled.diagnostics.ok:
            return last
        last = stage
    return last


def test_every_program_has_a_line() -> None:
    assert sorted(recorded()) == sorted(PROGRAMS)
    assert set(recorded().values()) <= set(STAGES)


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_each_program_gets_as_far_as_recorded(name: str) -> None:
    stage = recorded()[name]
    now = reached(compilation(name))
    assert now == ("plan" if stage == "train" else stage), f"`{name} {now}` is how it is now"


@pytest.mark.parametrize("name", [one for one, stage in recorded().items() if stage == "train"])
def test_what_is_said_to_train_trains(name: str, tmp_path: Path) -> None:
    start = begin(compilation(name), TrainOptions(smoke=True, out=tmp_path, threads=1))
    done = train(start, Silent())
    assert isinstance(done, RunDirectory)
    assert start.steps > 0


@pytest.mark.parametrize(("name", "stage"), FLOOR.items())
def test_what_was_promised_is_kept(name: str, stage: str) -> None:
    assert STAGES.index(recorded()[name]) >= STAGES.index(stage)
