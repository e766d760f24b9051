"""From training to pictures: the commands about runs, with their exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Ebmc
from tests.house.tree import ROOT
from tests.runtime.programs import NOISY, SPARSE, SPIRAL


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write a program into an empty folder, and go there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sparse.ebm").write_text(SPARSE.replace("expect left < 1e-9\n", ""), "utf-8")
    return "sparse.ebm"


def test_training_ends_with_what_to_look_at_and_what_to_do_next(
    ebmc: Ebmc, program: str
) -> None:
    done = ebmc("train", program, "--smoke")
    assert done.exit_code == 0, done.output
    first, *rest = done.stdout.splitlines()
    assert first.startswith("✓ trained sparse in ")
    assert first.endswith("runs/sparse-1")
    pictures = [Path(line.split()[1]) for line in rest if line.startswith("  look")]
    assert pictures
    assert all(path.is_file() for path in pictures)
    assert rest[-1].strip().startswith("next  ebmc eval runs/sparse-1")
    assert "started run=sparse-1" in done.stderr


def test_events_are_json_where_json_is_asked_for(ebmc: Ebmc, program: str) -> None:
    done = ebmc("train", program, "--smoke", "--format", "json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    names = [event["event"] for event in events]
    assert names == ["started", "step", "step", "epoch", "finished", "report"]
    assert all(event["format_version"] == "1.0" for event in events)
    assert {row["text"] for row in events[-1]["measures"]} >= {"mean(F)", "left"}


def test_an_expectation_that_fails_counts_if_it_is_asked_to(ebmc: Ebmc, program: str) -> None:
    Path(program).write_text(SPARSE, "utf-8")
    done = ebmc("train", program, "--smoke")
    assert done.exit_code == 0
    assert "✗ left < 1e-9" in done.stdout
    assert ebmc("train", program, "--smoke", "--strict").exit_code == 1
    assert ebmc("eval", "sparse-1").exit_code == 1


def test_a_run_is_evaluated_again_as_it_was(ebmc: Ebmc, program: str) -> None:
    trained = ebmc("train", program, "--smoke").stdout
    done = ebmc("eval", "sparse-1")
    assert done.exit_code == 0
    assert set(done.stdout.splitlines()[1:]) <= set(trained.splitlines())
    found = json.loads(ebmc("eval", "runs/sparse-1", "--format", "json").stdout)
    (gap,) = [row for row in found["measures"] if row["kind"] == "expect"]
    assert gap["holds"] is True
    other = json.loads(ebmc("eval", "sparse-1", "--on", "train", "--format", "json").stdout)
    assert {row["split"] for row in other["measures"]} == {"train"}


def test_codes_are_written(ebmc: Ebmc, program: str) -> None:
    ebmc("train", program, "--smoke")
    np.savez("in.npz", y=np.zeros((3, 64)))
    done = ebmc("infer", "sparse-1", "-i", "in.npz", "-o", "out.npz")
    assert done.exit_code == 0
    assert "z [3, 12]" in done.stdout
    assert "3 samples: 3 converged" in done.stderr
    with np.load("out.npz") as found:
        assert not found["z"].any()
        assert not found["F"].any()
    wrong = ebmc("infer", "sparse-1", "-i", "out.npz")
    assert wrong.exit_code == 3
    assert "is no variable of the model" in wrong.stderr


def test_pictures_are_drawn_again(ebmc: Ebmc, program: str) -> None:
    ebmc("train", program, "--smoke")
    done = ebmc("plot", "sparse-1", "filters", "-o", "pictures")
    assert done.exit_code == 0
    assert done.stdout.split()[0] == "pictures/filters-W.png"
    unknown = ebmc("plot", "sparse-1", "nonsense")
    assert unknown.exit_code == 2
    assert "there is" in unknown.stderr


def test_a_surface_is_a_picture_and_a_table(ebmc: Ebmc, program: str) -> None:
    Path(program).write_text(SPIRAL, "utf-8")
    ebmc("train", program, "--smoke")
    done = ebmc("surface", "spiral-1", "--resolution", "11", "-o", "s.png")
    assert done.exit_code == 0, done.output
    table = np.loadtxt("s.csv", delimiter=",", skiprows=1)
    assert table.shape == (121, 3)
    assert Path("s.png").stat().st_size > 1000
    Path(program).write_text(NOISY, "utf-8")
    ebmc("train", program, "--smoke")
    assert ebmc("surface", "noisy-1").exit_code == 3


def test_what_is_missing_or_spoiled_has_its_exit_code(ebmc: Ebmc, program: str) -> None:
    assert ebmc("eval", "nothing-1").exit_code == 3
    assert ebmc("eval", program).exit_code == 3
    ebmc("train", program, "--smoke")
    Path("runs/sparse-1/weights.safetensors").write_bytes(b"nonsense")
    done = ebmc("eval", "sparse-1")
    assert done.exit_code == 4
    assert "not a file of tensors" in done.stderr


def test_a_failing_run_says_where_and_what_is_left(ebmc: Ebmc, program: str) -> None:
    text = Path(program).read_text("utf-8")
    broken = text.replace("sq(y - yhat) / 2", "sq(y - yhat) / 2 + log(sum(y) - sum(y))")
    Path(program).write_text(broken, "utf-8")
    done = ebmc("train", program, "--smoke")
    assert done.exit_code == 3
    assert "the term `recon` (sparse.ebm:7:6)" in done.stderr
    assert "last good checkpoint: runs/sparse-1" in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_politely(
    number: signal.Signals, code: int, ebmc: Ebmc, program: str
) -> None:
    words = ["train", program, "--smoke", "--steps", "100000", "--log-every", "1"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(
        [sys.executable, "-m", "ebmdsl", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert child.stderr is not None
    assert any("step=2" in line for line in child.stderr)
    time.sleep(0.05)
    child.send_signal(number)
    said = child.communicate(timeout=60)[1]
    assert child.returncode == code, said
    assert "--resume runs/sparse-1" in said
    manifest = json.loads(Path("runs/sparse-1/run.json").read_text("utf-8"))
    assert manifest["status"] == "interrupted"
    steps = str(manifest["step"] + 1)
    done = ebmc("train", program, "--resume", "sparse-1", "--steps", steps, "-q")
    assert done.exit_code == 0, done.output


def test_a_picture_that_nobody_draws_is_named(ebmc: Ebmc, program: str) -> None:
    path = Path(program)
    path.write_text(f"{path.read_text()}\nplot interpolate(y)\n")
    done = ebmc("train", program, "--smoke")
    assert done.exit_code == 0
    assert "`plot interpolate` is not drawn yet" in done.stderr


USER = """model user
use "sparse.ebm"(k = 3) as dict
observed y : real[64] from dict.digs.image
param A : real[3, 64]
cost err = sq(dict(y).z - A @ y)
train by energy with adam(0.01)
run { steps = 2, batch = 16 }
"""


def test_the_run_of_a_used_model_may_be_named(ebmc: Ebmc, program: str) -> None:
    Path("user.ebm").write_text(USER, "utf-8")
    missing = ebmc("train", "user.ebm")
    assert missing.exit_code == 3
    assert "make one: ebmc train sparse.ebm --set k=3" in missing.stderr
    for _ in range(2):
        assert ebmc("train", program, "--set", "k=3", "--steps", "2").exit_code == 0
    done = ebmc("train", "user.ebm", "--use", "dict=sparse-1")
    assert done.exit_code == 0, done.output
    manifest = json.loads(Path("runs/user-1/run.json").read_text("utf-8"))
    assert manifest["used"] == {"dict": "sparse-1"}
    assert ebmc("eval", "user-1").exit_code == 0
    odd = ebmc("train", "user.ebm", "--use", "dict")
    assert odd.exit_code == 2
    assert "write `--use NAME=RUN`" in odd.stderr
