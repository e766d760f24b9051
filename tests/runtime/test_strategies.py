"""Every strategy trains, and to the same weights, bit by bit, as what it is written out to."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ebmdsl.runtime.start import Start
from ebmdsl.runtime.train import train
from ebmdsl.source.text import Source
from ebmdsl.syntax.format import format_file
from tests.runtime.programs import Listening, compiled, started

NET = """data curve = spiral(n = 200, noise = 0.05)
observed y : real[2] from curve
net f = linear(8) |> silu |> linear(1)
cost height = f(y)
cost wall = sq(y) / 2
"""
BITS = """data digs = digits() |> binarize(0.5)
observed y : binary[64] from digs.image
param J : real[64, 64] with symmetric, zero_diag init normal(0.01)
param b : real[64]
cost pairs = -(y @ J @ y) / 2
cost bias = -dot(b, y)
"""
UNITS = """data digs = digits() |> binarize(0.5)
observed y : binary[64] from digs.image
latent h : binary[8]
param W : real[64, 8] init normal(0.01)
param b : real[64]
param c : real[8]
cost interaction = -(y @ W @ h)
cost bias = -dot(b, y) - dot(c, h)
infer h by marginalize
"""
PAIR = """data digs = digits()
given x : real[64] from digs.image
observed y : real[64] from digs.image
net f = linear(8) |> relu |> linear(4) |> unit
net g = linear(8) |> relu |> linear(4) |> unit
let gy = g(y)
cost similarity = -dot(f(x), gy)
"""
GAME = """data digs = digits()
observed y : real[64] from digs.image
random u : real[4] ~ normal
net G = linear(8) |> relu |> linear(64) |> sigmoid
net enc = linear(8) |> relu |> linear(4)
net dec = linear(8) |> relu |> linear(64)
generator fake = G(u)
encoder code = enc(y)
decoder back = dec(code)
cost recon = sq(back - y)
"""
CODE = """data digs = digits()
observed y : real[64] from digs.image
net enc = linear(8) |> relu
net dec = linear(64)
encoder z = enc(y)
decoder back = dec(z)
cost recon = sq(y - back)
loss small = sq(z) / 100
"""
SIGNS = """data digs = digits()
given x : real[64] from digs.image
observed y : onehot[10] from digs.label
param W : real[10, 64] init normal(0.1)
cost odd = -dot(W @ x, y)
"""
LOSSES = (
    *("difference", "hinge(1)", "log", "margin(1)", "logistic"),
    *("square_square(1)", "square_exp(0.5)", "nll(0.5)"),
)
CASES = {
    "energy": CODE + "train by energy with adam(1e-3)",
    "adversarial": GAME + "train by adversarial with adam(1e-3)",
    "adversarial(loss = margin(2))": GAME + "train by adversarial(loss = margin(2))",
    "max_likelihood": NET + "train by max_likelihood with adam(1e-2)",
    "max_likelihood(negatives = gibbs)": UNITS + "train by max_likelihood(negatives = gibbs)",
    "max_likelihood(negatives = importance(normal(0, 1)))": NET
    + "train by max_likelihood(negatives = importance(normal(0, 1)), particles = 8)",
    "max_likelihood(negatives = mala)": NET
    + "train by max_likelihood(negatives = mala, particles = 6, steps = 3)",
    "contrastive_divergence": UNITS + "train by contrastive_divergence(steps = 2)",
    "contrastive_divergence of slopes": NET + "train by contrastive_divergence",
    "persistent_contrastive_divergence": UNITS
    + "train by persistent_contrastive_divergence(particles = 10) with sgd(0.05)",
    "ratio_matching": BITS + "train by ratio_matching",
    "pseudo_likelihood": BITS + "train by pseudo_likelihood",
    "pseudo_likelihood of signs": SIGNS + "train by pseudo_likelihood",
    "minimum_probability_flow": BITS + "train by minimum_probability_flow",
    "noise_contrastive": NET
    + "train by noise_contrastive(noise = normal(0, 1), ratio = 3) with adam(1e-2)",
    "infonce of the batch": PAIR + "train by infonce(temperature = 0.5)",
    "infonce of a queue": PAIR + "train by infonce(negatives = queue(gy, 32))",
    "infonce of a bank": PAIR + "train by infonce(negatives = bank(gy))",
    "ntxent": PAIR + "train by ntxent(temperature = 0.5)",
    "denoising": CODE + "train by denoising(normal(0, 0.3))",
    "masked": CODE + "train by masked(0.5)",
    "score_matching(exact)": NET + "train by score_matching(exact)",
    "score_matching(sliced)": NET + "train by score_matching(sliced)",
    "score_matching(denoising(0.1))": NET + "train by score_matching(denoising(0.1))",
    **{
        f"contrastive(loss = {loss})": NET
        + f"train by contrastive(negatives = normal(0, 1), loss = {loss}, count = 3)"
        for loss in LOSSES
    },
}
ROUND = "\nrun { batch = 16 }\n"


def trained_weights(text: str, out: Path) -> tuple[Start, dict[str, torch.Tensor]]:
    start = started(text, out)
    train(start, Listening())
    return start, {name: x.detach().clone() for name, x in start.module.named_parameters()}


@pytest.mark.parametrize("name", CASES)
def test_what_a_strategy_is_written_out_to_trains_to_the_same_bits(
    name: str, tmp_path: Path
) -> None:
    text = f"model m\n{CASES[name]}{ROUND}"
    model = compiled(text).expanded
    assert model is not None
    written = format_file(model.file, Source("m", ""))
    assert " by minimize(" in written
    assert written == _formatted(written)
    start, by_strategy = trained_weights(text, tmp_path / "strategy")
    _, by_hand = trained_weights(written, tmp_path / "written")
    assert by_strategy.keys() == by_hand.keys()
    for path, weight in by_strategy.items():
        assert bool(weight.isfinite().all())
        assert torch.equal(weight, by_hand[path]), path
    initial = started(text, tmp_path / "initial").module
    moved = [not torch.equal(x, by_strategy[n]) for n, x in initial.named_parameters()]
    assert any(moved)
    assert start.steps == 2


def _formatted(text: str) -> str:
    compilation = compiled(text)
    assert compilation.file is not None
    return format_file(compilation.file, compilation.source)
