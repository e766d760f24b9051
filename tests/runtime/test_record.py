"""The recorder: every step is told once, in order; how a run ended is written down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.metrics import summary
from ebmdsl.runtime.record import HELD_OUT, Recorder, held_out_energy, mean_energy
from tests.runtime.programs import SPARSE, Listening, started


@pytest.fixture
def recorder(tmp_path: Path) -> Iterator[Recorder]:
    made = Recorder(started(SPARSE, tmp_path, steps=6), Listening())
    yield made
    made.journal.close()


def _row(recorder: Recorder) -> torch.Tensor:
    return summary(recorder.start.module.solve(recorder.start.samples.rows(slice(16))))


def test_steps_wait_to_be_told_but_none_is_lost(recorder: Recorder) -> None:
    recorder.shown = float("inf")
    for _ in range(4):
        recorder.add(_row(recorder))
    assert isinstance(recorder.listener, Listening)
    assert recorder.listener.named("step") == []
    recorder.close_epoch()
    assert [one["step"] for one in recorder.listener.named("step")] == [1, 2, 3, 4]
    (epoch,) = recorder.listener.named("epoch")
    assert (epoch["step"], epoch["epoch"]) == (4, 1)
    assert epoch["valid_F"] == pytest.approx(held_out_energy(recorder.start))


def test_terms_add_up(recorder: Recorder) -> None:
    recorder.add(_row(recorder))
    recorder.close_epoch()
    energy = recorder.latest
    assert energy["recon"] + energy["sparse"] == pytest.approx(energy["total"], rel=1e-6)


def test_the_end_is_written(recorder: Recorder) -> None:
    recorder.begin()
    assert recorder.start.directory.manifest.status == "running"
    recorder.add(_row(recorder))
    recorder.end("failed", "because")
    manifest = recorder.start.directory.manifest
    assert (manifest.status, manifest.message, manifest.step) == ("failed", "because", 1)
    lines = recorder.start.directory.metrics.read_text("utf-8").splitlines()
    assert [json.loads(line)["step"] for line in lines] == [1]


def test_what_is_not_finite_is_never_saved(recorder: Recorder) -> None:
    before = recorder.start.directory.weights.read_bytes()
    with torch.no_grad():
        recorder.start.module.get_parameter("W")[0, 0] = torch.nan
    with pytest.raises(RunError):
        recorder.save({})
    recorder.save_if_finite({})
    assert recorder.start.directory.weights.read_bytes() == before


def test_mean_energy_counts_every_sample_once(recorder: Recorder) -> None:
    start = recorder.start
    whole = start.module.solve(start.held_out.variables, tol=1e-3).value
    assert start.held_out.count < HELD_OUT
    assert mean_energy(start, start.held_out) == pytest.approx(
        whole.detach().mean().item(), rel=1e-4
    )
