"""Predictions for a trained model: which questions it answers, and which it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.predict import Predictor
from ebmdsl.runtime.trained import Trained
from tests.runtime.programs import run

PAIR = """model pair
data digs = digits()
observed y : real[64] from digs.image
observed c : onehot[10] from digs.label
param W : real[64, 10]
cost fit = sq(y - W @ c)
regularizer small = {rough}
predict y by minimize
predict c by minimize
train by energy with adam(0.01)
run {{ steps = 5, batch = 16 }}
report left = mean(sq(y - fill(y, 1)))
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return run(PAIR.format(rough="sq(y) / 9"), tmp_path_factory.mktemp("runs"))


def test_each_statement_answers_its_own_question(pair: Trained) -> None:
    predictor, samples = Predictor(pair.module), pair.sources.samples("test")
    assert predictor.names == ("y", "c")
    everything = torch.ones((), dtype=torch.bool)
    classes = predictor.answers(samples, {"c": everything}, tol=1e-5).best["c"]
    w = pair.module.get_parameter("W").detach().double()
    away = (samples.variables["y"].double()[:, None] - w.T).square().sum(-1)
    assert torch.equal(classes.argmax(1), away.argmin(1))
    again = predictor.answers(samples, {"c": everything}, tol=1e-5).best["c"]
    assert again.data_ptr() == classes.data_ptr()


def test_masks_of_reports_are_known(pair: Trained) -> None:
    predictor = Predictor(pair.module)
    (mask,) = predictor.masks("y")
    assert mask.data == 1
    assert predictor.masks("c") == ()


def test_what_no_statement_finds_is_refused(pair: Trained, tmp_path: Path) -> None:
    predictor, samples = Predictor(pair.module), pair.sources.samples("test")
    mask = torch.ones((), dtype=torch.bool)
    with pytest.raises(RunError, match="does not say how to find y, c together"):
        predictor.answers(samples, {"y": mask, "c": mask}, tol=1e-5)
    rough = run(PAIR.format(rough="l1(y) / 9"), tmp_path)
    half = torch.arange(64) < 32
    with pytest.raises(
        RunError, match="`y` cannot be found entry by entry: entries under `l1`"
    ):
        Predictor(rough.module).answers(rough.sources.samples("test"), {"y": half}, tol=1e-5)
