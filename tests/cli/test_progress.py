"""The two plain forms of a run's progress."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest

from ebmdsl.cli.progress import Lines, Observer, Records, Silence
from ebmdsl.cli.screen import Screen
from ebmdsl.cli.shell import Shell
from ebmdsl.cli.train import observer_for

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


PLAIN = Shell("human", color="auto", quiet=False, verbose=False, root=None)


@pytest.mark.parametrize(
    ("shell", "terminal", "kind"),
    [
        (PLAIN, True, Screen),
        (PLAIN, False, Lines),
        (replace(PLAIN, quiet=True), True, Silence),
        (replace(PLAIN, format="json"), True, Records),
    ],
)
def test_who_reads_decides_the_form(
    monkeypatch: pytest.MonkeyPatch, shell: Shell, terminal: bool, kind: type[Observer]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    assert type(observer_for(shell, every=None)) is kind


def test_continuous_integration_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert type(observer_for(PLAIN, every=None)) is Lines


def test_silence_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    tell(Silence())
    assert capsys.readouterr() == ("", "")
