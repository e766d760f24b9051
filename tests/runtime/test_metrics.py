"""Metrics: sums that add up, read in order; events that can be read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from ebmdsl.lower.result import Result
from ebmdsl.runtime.metrics import Journal, Meter, Silent, keep_until, summary


def _result(value: list[float], steps: list[int]) -> Result:
    n = len(value)
    f = torch.tensor(value, requires_grad=True)
    return Result(
        f,
        {"a": f / 2, "b": f / 2},
        {},
        torch.full((n,), 0.5, dtype=torch.float64),
        torch.tensor([0] * (n - 1) + [1], dtype=torch.int8),
        torch.tensor(steps, dtype=torch.int32),
    )


def test_means_are_those_of_all_samples() -> None:
    meter = Meter(("a", "b"))
    meter.add(summary(_result([1.0, 3.0], [10, 20])))
    meter.add(summary(_result([5.0], [30])))
    first, second = meter.read()
    assert first["energy"] == {"total": 2.0, "a": 1.0, "b": 1.0}
    assert second["energy"]["total"] == 5.0
    assert meter.read() == []
    whole = meter.close()
    assert whole["energy"]["total"] == pytest.approx(3.0)
    assert whole["solver_steps"] == pytest.approx(20.0)
    assert whole["solver_sd"] == pytest.approx((200 / 3) ** 0.5)
    assert whole["converged"] == pytest.approx(1 / 3)
    assert whole["certificate"] == pytest.approx(0.5)
    assert meter.close() == {}


def test_a_summary_holds_no_graph_and_counts_in_float64() -> None:
    row = summary(_result([1e8, 1.0], [1, 1]))
    assert not row.requires_grad
    assert float(row[0]) == 1e8 + 1


def test_a_journal_is_lines_of_json(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "metrics.jsonl")
    journal.write("step", {"step": 1, "energy": {"λ": 0.5}})
    journal.close()
    (line,) = (tmp_path / "metrics.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line) == {"event": "step", "step": 1, "energy": {"λ": 0.5}}


def test_later_events_and_half_lines_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "metrics.jsonl"
    lines = [json.dumps({"event": "step", "step": n}) for n in (1, 2, 3)]
    path.write_text("\n".join([*lines, '{"event": "st']), "utf-8")
    keep_until(path, 2)
    assert path.read_text("utf-8").splitlines() == lines[:2]


def test_nobody_has_to_listen() -> None:
    silent = Silent()
    for hear in (silent.started, silent.step, silent.epoch, silent.finished):
        hear({})
    silent.note("")
    assert vars(type(silent)).keys() >= {"started", "step", "epoch", "note", "finished"}
