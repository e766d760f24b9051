"""Strategies are macros: what they write is checked as if the user had written it."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import Compilation, compile
from ebmdsl.expand.expand import expanded_file
from ebmdsl.source.show import show
from ebmdsl.source.text import Source
from ebmdsl.syntax.format import format_file

MODEL = """model m
observed y : real[3]
latent z : real[4]
param W : real[3, 4]
param V : real[3, 4]
cost c = sq(y - (W + V) @ z)
regularizer r = l1(z)
infer z by minimize
"""


def expanded(trains: str) -> str:
    compilation = compile(MODEL + trains)
    assert compilation.expanded is not None, compilation.diagnostics.all
    return format_file(compilation.expanded.file, Source("", ""))


@pytest.mark.parametrize(
    ("written", "core"),
    [
        ("train by energy", "train W, V by minimize(F)"),
        ("train W by energy\ntrain V by energy", "train W by minimize(F)"),
        ("train by energy with sgd(0.02)", "with sgd(0.02)"),
    ],
)
def test_energy_minimizes_the_free_energy(written: str, core: str) -> None:
    text = expanded(written)
    assert core in text
    assert "by energy" not in text


def test_the_core_form_is_left_alone() -> None:
    compilation = compile(MODEL + "train W by minimize(c)\n")
    assert compilation.expanded is compilation.model


def test_expanding_again_changes_nothing() -> None:
    text = expanded("train by energy")
    again = compile(text)
    assert again.expanded is again.model
    assert format_file(again.expanded.file, again.source) == text if again.expanded else False


SPARSE = """model sparse
observed y : real[4]
latent z : real[8]
param W : real[4, 8] with unit_columns
cost recon = sq(y - W @ z) / 2
regularizer small = 0.1 * l1(z)
infer z by minimize
train by energy with sgd(0.1)
"""


def test_what_is_printed_plans_as_what_was_written() -> None:
    written = Compilation(Source("written.ebm", SPARSE))
    assert written.model is not None
    printed = format_file(expanded_file(written.model), Source("printed.ebm", ""))
    again = Compilation(Source("printed.ebm", printed))
    assert written.plan is not None
    assert again.plan is not None, show(again.diagnostics)
    assert again.plan.energy is written.plan.energy
    assert again.plan.pretty() == written.plan.pretty()
    assert format_file(expanded_file(again.model or written.model), Source("", "")) == printed


def test_expanded_statements_point_to_the_train_they_come_from() -> None:
    written = Compilation(Source("written.ebm", SPARSE))
    assert written.expanded is not None
    (train,) = written.expanded.trains
    assert train.strategy is None
    assert train.span.text == "train by energy with sgd(0.1)"


STAGED = """model staged
observed y : real[4]
net enc = linear(2) |> relu
net dec = linear(4)
encoder z = enc(y)
cost recon = sq(y - dec(z))
stage clean { train by energy with sgd(0.1) }
stage noisy {
  loss small = sq(z)
  train dec by denoising(normal(0, 0.1))
}
"""


def test_strategies_are_written_out_in_their_stages() -> None:
    compilation = compile(STAGED)
    model = compilation.expanded
    assert model is not None, show(compilation.diagnostics)
    assert [train.strategy for stage in model.stages for train in stage.model.trains] == [
        None,
        None,
    ]
    text = format_file(model.file, Source("", ""))
    first, second = text.split("stage noisy")
    assert "train enc, dec by minimize(F) with sgd(0.1)" in first
    assert "random e : real[4] ~ normal(0, 0.1)" in second
    assert "encoder z = enc(y + e)" in second
    assert "train dec by minimize(F + small)" in second
    clean, noisy = (stage.model for stage in model.stages)
    assert clean.find("e") is None
    assert noisy.find("e") is not None
    again = compile(text)
    assert again.expanded is again.model, show(again.diagnostics)


@pytest.mark.parametrize(
    ("strategy", "place"),
    [
        ("denoising(normal(0, sigma))", "sigma"),
        ("denoising(cauchy(0, 1))", "cauchy"),
        ("contrastive(negatives = batch, loss = margn(1))", "margn"),
        ("infonce(temperature = 0)", "0"),
        ("infonce(negatives = queue(z))", "queue(z)"),
        ("ratio_matching", "ratio_matching"),
    ],
)
def test_a_mistake_in_a_strategy_is_said_where_it_is_written(strategy: str, place: str) -> None:
    head = STAGED[: STAGED.index("stage clean")]
    compilation = compile(f"{head}train by {strategy}\n")
    assert compilation.plan is None
    (found,) = compilation.diagnostics.errors
    assert found.span.text == place
    assert found.span.line == 7


def test_options_that_make_no_program_are_refused() -> None:
    head = STAGED[: STAGED.index("stage clean")]
    compilation = compile(f"{head}train by contrastive(negatives = 2..3)\n")
    assert compilation.plan is None
    (found,) = compilation.diagnostics.errors
    assert (found.id, found.span.column) == ("wrong-arguments", 10)
