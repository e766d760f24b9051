"""Training: learning, resuming bit for bit, being stopped, failing with a name."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from ebmdsl.runtime.checkpoint import load_state
from ebmdsl.runtime.config import TrainOptions
from ebmdsl.runtime.data import Split
from ebmdsl.runtime.directory import RunDirectory
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.metrics import Silent
from ebmdsl.runtime.samples import Samples, Sources
from ebmdsl.runtime.start import resume
from ebmdsl.runtime.train import train
from ebmdsl.runtime.trained import Trained, open_run
from tests.house.tree import ROOT
from tests.runtime.programs import (
    NOISY,
    PLANE,
    SPARSE,
    Listening,
    after,
    compiled,
    run,
    started,
)

MODELS = sorted((ROOT / "models").glob("*.ebm"))


def test_the_energy_falls(tmp_path: Path) -> None:
    listener = Listening()
    train(started(SPARSE, tmp_path, steps=40), listener)
    energies = [step["energy"]["total"] for step in listener.named("step")]
    assert len(energies) == 40
    assert sum(energies[-4:]) < 0.9 * sum(energies[:4])
    (end,) = listener.named("finished")
    assert end["status"] == "finished"
    assert listener.named("epoch")[-1]["converged"] == 1


@pytest.mark.parametrize("text", [SPARSE, NOISY], ids=["sparse", "noisy"])
def test_resuming_is_bit_exact(text: str, tmp_path: Path) -> None:
    whole = run(text, tmp_path / "whole", steps=10)
    part = run(text, tmp_path / "part", stop=after(4), steps=10).run
    assert part.manifest.status == "interrupted"
    assert load_state(part.state).step == 4
    start = resume(compiled(text), part, options=TrainOptions(out=tmp_path))
    train(start, Silent())
    for name, weight in whole.module.named_parameters():
        assert torch.equal(weight, start.module.get_parameter(name)), name
    assert _energies(part) == _energies(whole.run)
    assert part.manifest.status == "finished"


def test_each_epoch_sees_its_own_noise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A random step of the data is drawn by epoch: cut in two it is the same run."""
    seen: list[int] = []
    plain = Sources.samples

    def watched(sources: Sources, split: Split, *, epoch: int = 0) -> Samples:
        seen.append(epoch)
        return plain(sources, split, epoch=epoch)

    monkeypatch.setattr(Sources, "samples", watched)
    text = NOISY.replace("digits()", "digits() |> noise(0.2)")
    whole = run(text, tmp_path / "whole", steps=82, smoke=False)
    assert set(seen) == {0, 1}
    part = run(text, tmp_path / "part", stop=after(80), steps=82, smoke=False).run
    train(resume(compiled(text), part, options=TrainOptions(out=tmp_path)), Silent())
    assert _energies(part) == _energies(whole.run)


def test_a_resumed_run_may_be_longer(tmp_path: Path) -> None:
    part = run(SPARSE, tmp_path, steps=4).run
    options = TrainOptions(out=tmp_path, steps=6)
    train(resume(compiled(SPARSE), part, options=options), Silent())
    assert part.manifest.step == part.settings.steps == 6
    assert len(_energies(part)) == 6


def test_only_the_same_program_can_be_resumed(tmp_path: Path) -> None:
    part = run(SPARSE, tmp_path).run
    other = compiled(SPARSE.replace("0.1)", "0.2)"))
    with pytest.raises(RunError, match=r"another program.*--set k=12 --set lam=0\.1"):
        resume(other, part, options=TrainOptions(out=tmp_path))
    with pytest.raises(RunError, match="only its length"):
        resume(compiled(SPARSE), part, options=TrainOptions(out=tmp_path, seed=3))


def test_a_broken_term_is_named_with_its_place_sample_and_step(tmp_path: Path) -> None:
    text = SPARSE.replace("sq(y - yhat) / 2", "sq(y - yhat) / 2 + log(sum(y) - sum(y))")
    start = started(text, tmp_path)
    with pytest.raises(RunError) as failure:
        train(start, Silent())
    message = str(failure.value)
    assert "step 1: the term `recon` (model.ebm:7:6) is" in message
    assert "at sample" in message
    assert str(start.directory.path) in message
    assert start.directory.manifest.status == "failed"
    open_run(start.directory)


def test_the_checkpoint_before_a_failure_is_kept(tmp_path: Path) -> None:
    start = started(SPARSE, tmp_path, steps=10)
    broken = start.samples.variables["y"].clone()
    (row,) = _rows_of_step(start.samples.count, 2)[:1]
    broken[row] = float("nan")
    object.__setattr__(start.samples, "variables", {"y": broken})
    with pytest.raises(RunError, match=rf"step 3: `y` of training sample {row} is not finite"):
        train(start, Silent())
    assert load_state(start.directory.state).step == 2


def _rows_of_step(count: int, step: int) -> list[int]:
    from ebmdsl.runtime.data import batches

    return list(batches(count, 16, seed=0, epoch=0))[step].tolist()


@pytest.mark.parametrize("text", [SPARSE, PLANE], ids=["sparse", "plane"])
def test_everything_is_in_float64_where_that_is_asked_for(text: str, tmp_path: Path) -> None:
    made = run(f"{text}run {{ precision = 64 }}\n", tmp_path)
    again = open_run(made.run)
    assert {weight.dtype for weight in again.module.parameters()} == {torch.float64}
    assert _energy_of(again).dtype == torch.float64


def _energy_of(model: Trained) -> torch.Tensor:
    return model.module.solve(model.sources.samples("test").variables).value


@pytest.mark.parametrize("path", MODELS, ids=[path.stem for path in MODELS])
def test_every_model_runs(path: Path, tmp_path: Path) -> None:
    made = run(path.read_text("utf-8"), tmp_path)
    assert made.run.manifest.status == "finished"
    again = open_run(made.run)
    for name, weight in made.module.named_parameters():
        assert torch.equal(weight, again.module.get_parameter(name))


def test_kills_leave_no_broken_run(tmp_path: Path) -> None:
    program = tmp_path / "sparse.ebm"
    program.write_text(SPARSE.replace("steps = 10", "steps = 100000"), "utf-8")
    out = tmp_path / "runs"
    for number in (1, 2, 3):
        _kill_in_the_middle(program, out, number=number)
        found = RunDirectory(out / f"sparse-{number}")
        assert found.manifest.status == "running"
        open_run(found)
        step = load_state(found.state).step
        options = TrainOptions(out=out, steps=step + 1)
        train(resume(compiled(program.read_text("utf-8")), found, options=options), Silent())
        assert found.manifest.status == "finished"
        assert [event["step"] for event in _steps(found)] == list(range(1, step + 2))


def _kill_in_the_middle(program: Path, out: Path, *, number: int) -> None:
    """Kill a run some time after its directory has appeared."""
    words = ["train", str(program), "--smoke", "--steps", "100000", "--out", str(out)]
    code = "import sys; from ebmdsl.cli import main; main(sys.argv[1:])"
    child = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=ROOT,
    )
    metrics = out / f"sparse-{number}" / "metrics.jsonl"
    deadline = time.monotonic() + 120
    while not (metrics.exists() and metrics.stat().st_size > 1000 * number):
        assert child.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()


def _steps(found: RunDirectory) -> list[dict[str, float]]:
    lines = found.metrics.read_text("utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == "step"]


def _energies(found: RunDirectory) -> list[object]:
    return [event["energy"] for event in _steps(found)]


STACKED = """model stacked
data digs = digits()
observed y : real[64] from digs.image
net f = linear(4) |> tanh
cost height = sq(f(y)) + sq(y) / 100
loss alike = sq(mean[batch](batch(f(y))))
train by energy with sgd(0.01)
run { epochs = 2, batch = 40 }
"""


def test_a_stacked_batch_is_always_whole(tmp_path: Path) -> None:
    start = started(STACKED, tmp_path)
    assert start.settings.batch == 40
    assert start.samples.count == 64
    assert start.per_epoch == 1
    train(start, Listening())
    large = started(STACKED.replace("batch = 40", "batch = 100"), tmp_path)
    assert large.samples.count == 100
    assert large.per_epoch == 1
