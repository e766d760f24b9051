"""The identity of a run: its program with what it extends, and its hyper-parameters."""

from __future__ import annotations

from pathlib import Path

from ebmdsl.compilation import Compilation
from ebmdsl.runtime.config import TrainOptions
from ebmdsl.runtime.identity import digest_of, hypers_of, program_text
from ebmdsl.runtime.start import begin
from ebmdsl.runtime.trained import open_run
from ebmdsl.source.text import Source
from tests.runtime.programs import SPARSE, compiled


def test_the_hash_knows_text_and_values() -> None:
    first = compiled(SPARSE)
    other = Compilation(Source("model.ebm", SPARSE), {"k": 13})
    assert first.plan is not None
    assert other.plan is not None
    text = program_text(first)
    assert digest_of(text, first.plan) == digest_of(text, first.plan)
    assert digest_of(text, first.plan) != digest_of(text, other.plan)
    assert digest_of(text + "#", first.plan) != digest_of(text, first.plan)


def test_what_a_program_extends_is_written_in(tmp_path: Path) -> None:
    (tmp_path / "parent.ebm").write_text(SPARSE, "utf-8")
    child = 'model child(k = 5) extends "parent.ebm"\n'
    source = Source(str(tmp_path / "child.ebm"), child)
    start = begin(Compilation(source), TrainOptions(out=tmp_path / "runs", smoke=True))
    text = start.directory.program.read_text("utf-8")
    assert "extends" not in text
    assert "regularizer" in text
    assert open_run(start.directory).module.get_parameter("W").shape == (64, 5)


def test_a_schedule_is_part_of_the_text_and_no_value() -> None:
    plan = compiled(SPARSE.replace("(k", "(warm = ramp(0, 1, over = 20%), k", 1)).plan
    assert plan is not None
    assert "warm" not in hypers_of(plan)
    assert "k" in hypers_of(plan)
