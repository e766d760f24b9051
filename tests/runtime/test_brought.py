"""Used models: found as runs, kept with the run that uses them, asked at samples."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from ebmdsl.compilation import Compilation
from ebmdsl.expr.node import Node
from ebmdsl.runtime.brought import Answers
from ebmdsl.runtime.config import TrainOptions
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.metrics import Silent
from ebmdsl.runtime.samples import Sources
from ebmdsl.runtime.start import Start, begin, resume
from ebmdsl.runtime.train import train
from ebmdsl.runtime.trained import Trained, bring, open_run
from ebmdsl.source.text import Source

INNER = """model inner(k = 5)
data digs = digits()
observed y : real[64] from digs.image
latent z : real[k]
param W : real[64, k] with unit_columns
net inside = linear(k)
net enc = inside |> tanh
encoder zhat = enc(y)
cost c = sq(y - W @ z) / 2
regularizer s = 0.1 * l1(z)
loss agree = sq(zhat - z)
infer z by minimize
train by energy with adam(0.01)
run { steps = 4, batch = 64 }
"""
OUTER = """model outer
use "inner.ebm"(k = 3) as dict
data codes = dict.digs |> dict.zhat |> abs
observed x : real[64] from dict.digs.image
given y : real[3] from codes
param A : real[3, 64] init dict.W.T / 2
cost err = sq(dict(x).z - A @ x) / 2 + sq(dict.enc(x)) + sq(y) * dict(x).s
train by energy with adam(1e-3)
run { steps = 3, batch = 64 }
"""


def compilation(folder: Path, name: str, **overrides: int) -> Compilation:
    source = Source(str(folder / name), (folder / name).read_text("utf-8"))
    return Compilation(source, overrides)


def trained_inner(folder: Path, **options: Any) -> Path:
    start = begin(compilation(folder, "inner.ebm", k=3), TrainOptions(out=folder, **options))
    return train(start, Silent()).path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inner.ebm").write_text(INNER, "utf-8")
    (tmp_path / "outer.ebm").write_text(OUTER, "utf-8")
    return tmp_path


@pytest.fixture
def start(folder: Path) -> Start:
    trained_inner(folder)
    return begin(compilation(folder, "outer.ebm"), TrainOptions(out=folder))


def test_constants_are_those_of_the_run(folder: Path, start: Start) -> None:
    inner = open_run(bring(compilation_of(folder), TrainOptions(out=folder))["dict"].run)
    weights, held = inner.module.weights, start.module.weights
    assert torch.equal(held["dict.W"], weights["W"])
    assert torch.equal(held["dict.inside.linear.weight"], weights["inside.linear.weight"])
    assert torch.equal(held["A"], weights["W"].T / 2)
    assert "dict.W" not in dict(start.module.named_parameters())


def compilation_of(folder: Path) -> Compilation:
    made = compilation(folder, "outer.ebm")
    assert made.plan is not None
    return made


def test_latents_terms_and_nets_of_a_used_model_are_what_it_says(start: Start) -> None:
    inner = start.sources.models["dict"]
    values = start.samples.rows(torch.arange(7, 19))
    result = inner.module.solve({"y": values["x"]})
    z, s = result.assignment["z"], result.terms["s"]
    zhat = inner.module.evaluate(node(inner, "zhat"), {"y": values["x"]})
    a = start.module.get_parameter("A")
    x, y = values["x"], values["y"]
    expected = ((z - x @ a.T) ** 2).sum(-1) / 2 + (zhat**2).sum(-1) + (y**2).sum(-1) * s
    torch.testing.assert_close(start.module.solve(values).value, expected)
    torch.testing.assert_close(y, zhat.abs())


def node(model: Trained, name: str) -> Node:
    return next(each.node for each in model.plan.model.blocks if each.name == name)


def test_answers_are_kept_for_the_samples_that_were_asked(start: Start) -> None:
    answers = start.samples.asked
    assert isinstance(answers, Answers)
    first = start.samples.rows(torch.tensor([3, 5]))
    again = start.samples.rows(torch.tensor([5, 8, 3]))
    for key in first.keys() - start.samples.variables.keys():
        assert torch.equal(first[key][[1, 0]], again[key][[0, 2]])


def test_a_run_is_whole_without_the_run_that_it_used(folder: Path, start: Start) -> None:
    done = train(start, Silent())
    assert done.manifest.used == {"dict": "inner-1"}
    shutil.rmtree(folder / "inner-1")
    (folder / "inner.ebm").unlink()
    opened = open_run(done)
    for name, x in start.module.weights.items():
        assert torch.equal(opened.module.weights[name], x), name
    rows = torch.arange(4)
    here, there = start.samples.rows(rows), opened.sources.samples("train").rows(rows)
    torch.testing.assert_close(start.module.solve(here).value, opened.module.solve(there).value)


def test_a_missing_run_names_the_command_that_makes_it(folder: Path) -> None:
    with pytest.raises(RunError, match=r"`dict` has no finished run .* --set k=3"):
        begin(compilation(folder, "outer.ebm"), TrainOptions(out=folder / "runs"))


def test_only_a_finished_run_of_the_same_program_is_used(folder: Path) -> None:
    train(begin(compilation(folder, "inner.ebm"), TrainOptions(out=folder)), Silent())
    trained_inner(folder, smoke=True)
    with pytest.raises(RunError, match="has no finished run"):
        begin(compilation(folder, "outer.ebm"), TrainOptions(out=folder))


def test_a_run_may_be_named(folder: Path) -> None:
    first = trained_inner(folder)
    trained_inner(folder, seed=4)
    made = compilation_of(folder)
    assert bring(made, TrainOptions(out=folder))["dict"].run.id == "inner-2"
    named = TrainOptions(out=folder, use={"dict": str(first)})
    assert bring(made, named)["dict"].run.id == "inner-1"
    with pytest.raises(RunError, match="uses no model as `dic`"):
        bring(made, TrainOptions(out=folder, use={"dic": "inner-1"}))
    other = train(begin(compilation(folder, "inner.ebm"), TrainOptions(out=folder)), Silent())
    with pytest.raises(RunError, match="is no run of"):
        bring(made, TrainOptions(out=folder, use={"dict": other.id}))


def test_a_smoke_run_makes_its_used_models_up(folder: Path) -> None:
    start = begin(compilation(folder, "outer.ebm"), TrainOptions(out=folder, smoke=True))
    done = train(start, Silent())
    assert done.manifest.status == "finished"
    assert done.manifest.used == {"dict": ""}
    opened = open_run(done)
    assert torch.equal(opened.module.weights["dict.W"], start.module.weights["dict.W"])


def test_going_on_asks_for_the_same_program(folder: Path, start: Start) -> None:
    done = train(start, Silent())
    again = resume(compilation_of(folder), done, options=TrainOptions(out=folder, steps=5))
    assert train(again, Silent()).manifest.step == 5
    (folder / "inner.ebm").write_text(INNER.replace("0.1", "0.2"), "utf-8")
    with pytest.raises(RunError, match="`dict` is another program now"):
        resume(compilation_of(folder), done, options=TrainOptions(out=folder, steps=6))


def test_data_of_a_used_model_is_what_it_was_there(folder: Path) -> None:
    trained_inner(folder, seed=3)
    start = begin(compilation(folder, "outer.ebm"), TrainOptions(out=folder, seed=1))
    inner = start.sources.models["dict"]
    assert isinstance(inner.sources, Sources)
    theirs = inner.sources.samples("train").variables["y"]
    assert torch.equal(start.samples.variables["x"], theirs)
