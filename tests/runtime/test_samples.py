"""Samples: every variable from its data, random ones from their streams, nothing silent."""

from __future__ import annotations

from math import log, pi
from pathlib import Path
from typing import Any

import pytest
import torch

from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.metrics import Silent
from ebmdsl.runtime.samples import Samples, Sources
from ebmdsl.runtime.train import train
from ebmdsl.runtime.trained import open_run
from tests.runtime.programs import NOISY, SPARSE, SPIRAL, compiled, started


def sources(text: str, *, smoke: bool = True, **options: Any) -> Sources:
    plan = compiled(text).plan
    assert plan is not None
    return Sources(plan.model, plan.model.settings, smoke=smoke, **options)


def test_a_smoke_run_has_64_samples_of_the_declared_shape() -> None:
    made = sources(SPARSE)
    for split in ("train", "validation", "test"):
        samples = made.samples(split)
        assert samples.variables["y"].shape == (64, 64)
        assert samples.fields["digs.label"].shape == (64, 10)
    train, test = made.samples("train"), made.samples("test")
    assert not torch.equal(train.variables["y"], test.variables["y"])


def test_real_splits_are_loaded_once_and_not_copied() -> None:
    made = sources(SPIRAL, smoke=False)
    first, second = made.samples("train"), made.samples("train")
    assert first.variables["y"].data_ptr() == second.variables["y"].data_ptr()
    assert first.count == 270
    assert made.samples("validation").count == 30


def test_random_steps_of_the_data_are_drawn_by_epoch() -> None:
    text = NOISY.replace("digits()", "digits() |> noise(0.2)")
    made, plain = sources(text, smoke=False), sources(NOISY, smoke=False)
    first, later = (made.samples("train", epoch=epoch).variables["y"] for epoch in (0, 1))
    clean = plain.samples("train").variables["y"]
    assert made.redrawn
    assert not plain.redrawn
    assert float((first - later).std()) == pytest.approx(0.2 * 2**0.5, rel=0.02)
    assert float((later - clean).std()) == pytest.approx(0.2, rel=0.02)


def test_random_variables_depend_on_seed_and_step_alone() -> None:
    made = sources(NOISY)
    first, again, next_ = (made.noise(8, step=n)["e"] for n in (3, 3, 4))
    assert first.shape == (8, 64)
    assert torch.equal(first, again)
    assert not torch.equal(first, next_)
    assert float(first.std()) == pytest.approx(0.1, rel=0.1)


@pytest.mark.parametrize(
    ("domain", "shape", "values"),
    [("spin[5]", (5,), {-1, 1}), ("binary[5]", (5,), {0, 1}), ("onehot[5]", (5,), {0, 1})],
)
def test_a_random_variable_without_a_law_takes_its_few_values_evenly(
    domain: str, shape: tuple[int, ...], values: set[int]
) -> None:
    text = NOISY.replace("real[64] ~ normal(0, 0.1)", domain).replace("enc(y + e)", "enc(y)")
    made = sources(text)
    drawn = made.noise(4000, step=1)["e"]
    assert drawn.shape == (4000, *shape)
    assert set(drawn.unique().tolist()) == values
    share = 1 / 5 if domain.startswith("onehot") else 1 / 2
    assert float((drawn == 1).double().mean()) == pytest.approx(share, abs=0.02)


def test_a_random_number_without_a_law_is_refused() -> None:
    made = sources(NOISY.replace(" ~ normal(0, 0.1)", ""))
    with pytest.raises(RunError, match="`e` is real and has no law"):
        made.noise(3, step=0)


def test_rows_and_chunks_are_the_same_samples() -> None:
    samples = sources(SPARSE).samples("train")
    rows = samples.rows(torch.tensor([3, 5]))["y"]
    chunk = samples.chunk(slice(3, 6))
    assert torch.equal(rows[1], chunk.variables["y"][2])
    assert (chunk.count, len(chunk.fields["digs.image"])) == (3, 3)
    assert Samples({}, {}, 5).chunk(slice(None)).count == 5


def test_precision_is_that_of_the_settings() -> None:
    assert sources(SPARSE).samples("test").variables["y"].dtype == torch.float32
    wide = sources(f"{SPARSE}run {{ precision = 64 }}\n").samples("test")
    assert wide.variables["y"].dtype == torch.float64


def test_a_variable_without_data_is_said_plainly() -> None:
    text = SPARSE.replace(" from digs.image", "")
    with pytest.raises(RunError, match=r"`y` has no data \(line 3\); write `observed y"):
        sources(text).samples("train")


def test_a_missing_package_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*args: object, **options: object) -> None:
        del args, options
        raise ModuleNotFoundError("no", name="sklearn")

    made = sources(SPARSE, smoke=False)
    monkeypatch.setattr(type(made.data["digs"]), "load", missing)
    with pytest.raises(RunError, match="data `digits` needs the package `sklearn`"):
        made.samples("train")


def test_what_transforms_learned_is_used_again(tmp_path: Path) -> None:
    text = SPARSE.replace("digits()", "digits() |> standardize")
    first = sources(text, smoke=False)
    first.save(tmp_path)
    again = sources(text, smoke=False, folder=tmp_path)
    before, after = (one.samples("test").variables["y"] for one in (first, again))
    assert torch.equal(before, after)
    assert first.digests() == again.digests()


COMPUTED = """model computed
data digs = digits()
observed y : real[64] from digs.image
random e : real[64] ~ normal(y.mean, s)
random n[i in 1..3] : real[64] ~ normal(2 * y, 0.001)
param s : positive init 0.5
cost c = s * sq(y + e)
loss l = nll(normal(y.mean, 1), y) + mean[i](sq(n[i])) / 100
train by energy with adam(1e-3)
run { steps = 2, batch = 16 }
"""


def test_laws_and_terms_may_be_computed_from_statistics_and_parameters(tmp_path: Path) -> None:
    start = started(COMPUTED, tmp_path)
    y, e = (start.samples.variables[name] for name in ("y", "e"))
    mean = y.double().mean(0).float()
    assert abs(float((e - mean).std()) - 0.5) < 0.03
    n = start.samples.variables["n"]
    assert float((n - 2 * y.unsqueeze(1)).abs().max()) < 0.01
    values = start.samples.rows(slice(5))
    (loss,) = (term.node for term in start.plan.model.terms if not term.in_energy)
    surprise = ((y - mean) ** 2 + log(2 * pi))[:5].sum(-1) / 2
    others = (n[:5] ** 2).sum(-1).mean(-1) / 100
    torch.testing.assert_close(start.module.evaluate(loss, values), surprise + others)
    done = train(start, Silent())
    opened = open_run(done)
    for name, x in start.module.constants.items():
        assert torch.equal(opened.module.constants[name], x)
    with torch.no_grad():
        start.module.get_parameter("s").fill_(4.0)
    drawn = start.sources.noise(40, step=9, values=start.samples.rows(slice(40)))["e"]
    assert abs(float((drawn - mean).std()) - 4) < 0.3
