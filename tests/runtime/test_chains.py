"""Chains of sampled latents in `eval`: what is measured, and what is said about bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from ebmdsl.runtime.chains import remedy
from ebmdsl.runtime.evaluate import Measured, evaluate_run
from ebmdsl.runtime.train import train
from tests.runtime.programs import Listening, run, started

SAMPLED = """model sampled
data digs = digits()
observed y : real[64] from digs.image
latent z : real[2]
param W : real[64, 2]
cost recon = sq(y - W @ tanh(z)) / 20
regularizer small = sq(z)
infer z by sample with {how}
train by energy with adam(0.01)
run {{ steps = 2, batch = 8 }}
report mixing = max(r_hat(z))
expect min(acceptance(z)) > 0.3
expect min(ess(z)) > 20
"""


def rows_of(how: str, folder: Path) -> dict[str, Measured]:
    """Train a little, and return every row of the evaluation by its text."""
    model = run(SAMPLED.format(how=how), folder)
    return {row.text: row for row in evaluate_run(model)}


def test_good_chains_are_measured(tmp_path: Path) -> None:
    rows = rows_of("hmc(steps = 100, rate = 0.2, leaps = 5)", tmp_path)
    assert 0.3 < rows["acceptance(z)"].value[0] <= 1
    assert 1 <= rows["r_hat(z)"].value[0] < 1.05
    assert rows["ess(z)"].value[0] > 20
    assert rows["mixing"].value[0] < 1.1
    assert rows["min(acceptance(z)) > 0.3"].holds
    assert rows["min(ess(z)) > 20"].holds


def test_bad_chains_come_with_a_remedy(tmp_path: Path) -> None:
    rows = rows_of("metropolis(steps = 20, scale = 60)", tmp_path)
    (share,) = [text for text in rows if text.startswith("acceptance(z)")]
    (apart,) = [text for text in rows if text.startswith("r_hat(z)")]
    assert share.endswith("below 0.1: take shorter steps, or `accept = 80%` with `hmc`")
    assert apart.endswith("above 1.05: take more steps, or another sampler")
    assert not rows["min(acceptance(z)) > 0.3"].holds


CONTRAST = """model contrast
data curve = spiral(n = 64, noise = 0.05)
observed y : real[2] from curve
net f = linear(4) |> tanh |> linear(1)
cost height = f(y)
regularizer confine = 4 * sq(y)
negative yn from {chain}
train by minimize(F - F(yn)) with sgd(0.01)
run {{ epochs = 2, batch = 32 }}
"""


def heard(chain: str, folder: Path) -> Listening:
    """Train, and return what was heard."""
    listener = Listening()
    train(started(CONTRAST.format(chain=chain), folder), listener)
    return listener


def test_how_chains_of_contrastive_points_move_is_told(tmp_path: Path) -> None:
    good = heard("mala(start = y, steps = 5, rate = 0.01)", tmp_path)
    assert all(0.5 < epoch["acceptance"] <= 1 for epoch in good.named("epoch"))
    assert not good.named("note")


def test_chains_that_hardly_move_are_a_warning(tmp_path: Path) -> None:
    bad = heard("metropolis(start = y, steps = 5, scale = 500)", tmp_path)
    (first, *_) = bad.named("note")
    assert "acceptance of `metropolis`" in first["text"]
    assert "below 0.1: take shorter steps" in first["text"]


def test_what_refuses_nothing_has_no_acceptance(tmp_path: Path) -> None:
    plain = heard("langevin(start = y, steps = 5)", tmp_path)
    assert all("acceptance" not in epoch for epoch in plain.named("epoch"))


@pytest.mark.parametrize(
    ("name", "value", "bad"),
    [
        ("acceptance(z)", 0.05, True),
        ("acceptance(z)", 0.2, False),
        ("r_hat(z)", 1.2, True),
        ("r_hat(z)", 1.01, False),
        ("r_hat(z)", float("nan"), True),
        ("ess(z)", 3.0, False),
    ],
)
def test_only_bad_numbers_have_a_remedy(name: str, value: float, bad: bool) -> None:
    assert bool(remedy(name, value)) == bad
