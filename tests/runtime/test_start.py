"""Before the first step: lengths, hashes, and a directory that is whole already."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ebmdsl.compilation import Compilation
from ebmdsl.runtime.config import TrainOptions
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.evaluate import evaluate_run
from ebmdsl.runtime.metrics import Silent
from ebmdsl.runtime.start import begin
from ebmdsl.runtime.train import train
from ebmdsl.runtime.trained import open_run
from ebmdsl.runtime.written import MOST_EXACT_STEPS
from ebmdsl.source.text import Source
from tests.runtime.programs import MEANS, SPARSE, started


def test_steps_follow_from_epochs_and_batch(tmp_path: Path) -> None:
    start = started(SPARSE, tmp_path, smoke=False, epochs=2)
    assert start.per_epoch == -(-start.samples.count // 16)
    assert start.steps == 2 * start.per_epoch
    assert started(SPARSE, tmp_path, smoke=False).steps == 10


def test_exact_steps_go_on_until_they_are_done(tmp_path: Path) -> None:
    assert started(MEANS, tmp_path, smoke=False).steps == MOST_EXACT_STEPS
    assert started(MEANS, tmp_path, smoke=False, epochs=7).steps == 7
    said = f"{MEANS}run {{ epochs = 5 }}\n"
    assert started(said, tmp_path, smoke=False).steps == 5


def test_a_run_that_has_not_begun_can_be_opened(tmp_path: Path) -> None:
    start = started(SPARSE, tmp_path)
    found = open_run(start.directory)
    assert torch.equal(found.module.get_parameter("W"), start.module.get_parameter("W"))
    assert start.directory.manifest.status == "running"


def test_overridden_values_are_remembered(tmp_path: Path) -> None:
    compilation = Compilation(Source("model.ebm", SPARSE), {"k": "7", "lam": "0.2"})
    start = begin(compilation, TrainOptions(out=tmp_path, smoke=True))
    assert start.directory.settings.hypers == {"k": 7, "lam": 0.2}
    assert open_run(start.directory).module.get_parameter("W").shape == (64, 7)


def test_a_program_that_trains_nothing_is_said_plainly(tmp_path: Path) -> None:
    text = SPARSE.replace("train by energy with adam(0.01)\n", "")
    with pytest.raises(RunError, match="no `train` statement"):
        started(text, tmp_path)
    assert list(tmp_path.iterdir()) == []


FIXED = """model fixed
data digs = digits()
observed y : real[64] from digs.image
latent z : real[64]
cost c = sq(y - z) / 2 + l1(z)
infer z by minimize
expect mean(gap(z)) < 1e-4
"""


def test_a_program_without_parameters_has_nothing_to_learn(tmp_path: Path) -> None:
    start = started(FIXED, tmp_path)
    done = train(start, Silent())
    assert (done.manifest.status, done.manifest.step) == ("finished", 0)
    rows = evaluate_run(open_run(done))
    assert [row.holds for row in rows if row.kind == "expect"] == [True]


def test_errors_stop_before_anything_is_made(tmp_path: Path) -> None:
    broken = Compilation(Source("model.ebm", SPARSE.replace("@", "+")))
    with pytest.raises(RunError, match="ebmc check"):
        begin(broken, TrainOptions(out=tmp_path, smoke=True))
    assert list(tmp_path.iterdir()) == []


def test_exact_and_gradient_players_do_not_mix(tmp_path: Path) -> None:
    text = MEANS.replace("sq(y - W @ z)", "sq(y - W @ z - b)").replace(
        "train by energy",
        "param b : real[64]\ntrain W by energy\ntrain b by energy with sgd(1)",
    )
    with pytest.raises(RunError, match=r"line 9: `W` would move by exact steps, others not"):
        started(text, tmp_path)
