"""What must not learn does not: programs with something missing, beside the same ones whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.runtime.evaluate import evaluate_run
from ebmdsl.source.text import Source
from tests.runtime.programs import run

UNITS = """model units
data digs = digits() |> binarize(0.5)
observed y : binary[64] from digs.image
latent   z : binary[6]
param W : real[64, 6] init normal(0.05)
param b : real[64] init logit(y.mean)
param c : real[6]
cost interaction = -(y @ W @ z)
cost bias        = -dot(b, y) - dot(c, z)
infer z by marginalize
run { steps = 150, batch = 100 }
report likelihood = mean(-F - logZ)
"""
NOISE = """random n[i in 1..5] : binary[64] ~ bernoulli(y.mean)
param lz : real
func G(v) = -F(v) - lz + nll(bernoulli(y.mean), v) - log(5)
train W, b, c, lz by minimize(softplus(-G(y)) + sum[i](softplus(G(n[i])))) with adam(1e-2)
"""
PLANE = """model plane
data curve = spiral(n = 500, noise = 0.05)
observed y : real[2] from curve
net f = linear(8) |> silu |> linear(1)
cost height = f(y)
train by max_likelihood with adam(1e-3)
"""
INDEPENDENT = -24.9
LEARNED = 0.7
"""How many nats above independent bits there are after 150 steps that work."""


def likelihood(text: str, out: Path) -> float:
    rows = evaluate_run(run(UNITS + text, out, smoke=False))
    (value,) = (row.value for row in rows if row.text == "likelihood")
    assert len(value) == 1
    return float(value[0])


def test_divergence_without_a_step_learns_nothing(tmp_path: Path) -> None:
    trained = "train by contrastive_divergence(steps = {}) with adam(1e-2)\n"
    still = likelihood(trained.format(0), tmp_path / "still")
    moving = likelihood(trained.format(1), tmp_path / "moving")
    assert still == pytest.approx(INDEPENDENT, abs=0.3)
    assert moving > INDEPENDENT + LEARNED


def test_noise_contrast_whose_constant_starts_at_zero_learns_nothing(tmp_path: Path) -> None:
    without = likelihood(NOISE, tmp_path / "without")
    known = NOISE.replace("lz : real", "lz : real init logZ")
    assert likelihood(known, tmp_path / "known") > without + LEARNED


def test_a_likelihood_of_what_nothing_confines_is_refused() -> None:
    free = Compilation(Source("plane.ebm", PLANE))
    assert free.plan is None
    assert "infinite-partition" in [each.id for each in free.diagnostics.errors]
    walled = Compilation(Source("plane.ebm", f"{PLANE}cost wall = sq(y) / 2\n"))
    assert walled.plan is not None
