"""Stages: one after the other in one run, weights carried over, resumed where it stopped."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from ebmdsl.runtime.checkpoint import load_state
from ebmdsl.runtime.config import TrainOptions
from ebmdsl.runtime.evaluate import evaluate_run
from ebmdsl.runtime.metrics import Silent
from ebmdsl.runtime.start import begin, following, resume
from ebmdsl.runtime.train import train
from ebmdsl.runtime.trained import open_run, trained
from tests.runtime.programs import Listening, after, compiled, started

STAGED = """model staged
data digs = digits()
observed y : real[64] from digs.image
net enc = linear(16) |> bn |> relu
net dec = linear(64)
param a : real[16]
cost recon = sq(y - dec(enc(y))) / 2
stage first {
  train enc, dec by energy with adam(0.01)
  run { steps = 6, batch = 16 }
}
stage second {
  param b : real[16] init 1
  cost pull = 0.1 * sq(enc(y) - a - b)
  train a, b by energy with adam(0.1)
  run { steps = 4, batch = 8 }
  report far = mean(sq(enc(y) - a - b))
}
report left = mean(sq(y - dec(enc(y))))
"""
APART = """model apart
net f = linear(8) |> relu
net who = linear(10)
stage small {
  data digs = digits()
  observed y : real[64] from digs.image
  cost c = sq(y) / 100 + xent(who(f(y)), digs.label)
  train by energy with adam(0.01)
  run { steps = 2, batch = 16 }
}
stage large {
  data digs = digits()
  observed y : real[64] from digs.image
  cost c = sq(f(y))
  train f by energy with adam(0.01)
  run { steps = 3, batch = 16 }
}
"""


def test_each_stage_moves_what_it_trains_and_keeps_the_rest(tmp_path: Path) -> None:
    start = started(STAGED, tmp_path)
    first = {name: x.detach().clone() for name, x in start.module.named_parameters()}
    done = train(start, Silent())
    opened = open_run(done)
    (_, one), (_, two) = opened.stages
    now = opened.module.weights
    assert not torch.equal(now["dec.linear.weight"], first["dec.linear.weight"])
    assert torch.equal(start.module.weights["dec.linear.weight"], now["dec.linear.weight"])
    assert torch.equal(start.module.weights["a"], first["a"])
    assert not torch.equal(now["a"], first["a"])
    assert torch.equal(two.module.weights["a"], now["a"])
    assert torch.equal(one.module.weights["enc.bn.mean"], now["enc.bn.mean"])
    assert "b" not in now
    assert two.module.weights["b"].shape == (16,)


def test_a_stage_has_its_own_settings_and_its_name(tmp_path: Path) -> None:
    listener = Listening()
    done = train(started(STAGED, tmp_path, smoke=False), listener)
    assert [one["stage"] for one in listener.named("started")] == ["first", "second"]
    assert [one["steps"] for one in listener.named("started")] == [6, 4]
    assert len(listener.named("finished")) == 1
    manifest = done.manifest
    assert (manifest.step, manifest.steps, manifest.stage) == (10, 10, "second")
    assert {name: each.batch for name, each in done.settings.stages.items()} == {
        "first": 16,
        "second": 8,
    }
    lines = [json.loads(line) for line in done.metrics.read_text("utf-8").splitlines()]
    steps = [(one["step"], one["stage"]) for one in lines if one["event"] == "step"]
    assert steps == [(n, "first" if n <= 6 else "second") for n in range(1, 11)]


def test_resuming_inside_a_stage_is_bit_exact(tmp_path: Path) -> None:
    options = {"smoke": False}
    whole = train(started(STAGED, tmp_path / "whole", **options), Silent())
    for stop in (4, 6, 8):
        folder = tmp_path / f"part{stop}"
        part = train(started(STAGED, folder, **options), Silent(), stop=after(stop))
        assert part.manifest.status == "interrupted"
        again = resume(compiled(STAGED), part, options=TrainOptions(out=folder))
        assert again.stage == ("first" if stop < 6 else "second")
        done = train(again, Silent())
        assert done.manifest.step == 10
        there, here = load_state(whole.state), load_state(done.state)
        for name, x in {**there.weights, **there.states, **there.optimizers}.items():
            other = {**here.weights, **here.states, **here.optimizers}[name]
            assert torch.equal(x, other), (stop, name)


def test_the_last_stage_has_none_after_it(tmp_path: Path) -> None:
    start = started(STAGED, tmp_path)
    second = following(start)
    assert second is not None
    assert second.stage == "second"
    assert following(second) is None


def test_what_is_measured_in_a_stage_is_told_with_its_name(tmp_path: Path) -> None:
    start = started(STAGED, tmp_path)
    train(start, Silent())
    texts = [row.text for row in evaluate_run(trained(start))]
    assert texts[:2] == ["mean(F)", "left"]
    assert "second: far" in texts
    assert "first: mean(F)" in texts


def test_stages_may_have_data_of_their_own(tmp_path: Path) -> None:
    compilation = compiled(APART)
    done = train(begin(compilation, TrainOptions(out=tmp_path)), Silent())
    assert sorted(done.manifest.data) == ["large/digs", "small/digs"]
    rows = evaluate_run(open_run(done))
    assert [row.text for row in rows] == ["small: mean(F)", "large: mean(F)"]
    weights = open_run(done).stages[0][1].module.weights
    assert torch.equal(
        weights["f.linear.weight"], load_state(done.state).weights["f.linear.weight"]
    )
