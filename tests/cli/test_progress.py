"""The two plain forms of a run's progress."""

from __future__ import annotations

import json

import pytest

from ebmdsl.cli.progress import Lines, Observer, Records

STEP = {"step": 4, "epoch": 1, "energy": {"total": 3.5, "recon": 2.25}, "converged": 0.996}


def tell(observer: Observer) -> None:
    observer.started({"model": "psd", "steps": 8})
    observer.step(STEP)
    observer.epoch(STEP)
    observer.note("two words")
    observer.finished({"F": 3.25})
    observer.close()


def test_lines_are_pairs(capsys: pytest.CaptureFixture[str]) -> None:
    tell(Lines(every=4))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "started model=psd steps=8",
        "step=4 epoch=1 total=3.5 recon=2.25 converged=0.996",
        "step=4 epoch=1 total=3.5 recon=2.25 converged=0.996",
        "note: two words",
        "finished F=3.25",
    ]


def test_steps_are_silent_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    Lines().step(STEP)
    Lines(every=3).step(STEP)
    assert capsys.readouterr().err == ""


def test_records_are_json_with_a_version(capsys: pytest.CaptureFixture[str]) -> None:
    tell(Records())
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    events = [record["event"] for record in records]
    assert events == ["started", "step", "epoch", "note", "finished"]
    assert {record["format_version"] for record in records} == {"1.0"}
    assert records[1]["energy"]["recon"] == 2.25
