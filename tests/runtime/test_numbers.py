"""Expressions over a split: F elsewhere, minimizers, fillings, statistics of training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ebmdsl.expr.build import add, const, multiply, power, variable
from ebmdsl.expr.node import Op, make
from ebmdsl.runtime.evaluate import Splits, evaluate_run
from ebmdsl.runtime.trained import Trained
from tests.runtime.programs import SPARSE, SPIRAL, run

MIXED = """model mixed(k = 6, beta = 5.0)
data curve = spiral(n = 300, noise = 0.01)
observed y : real[2] from curve
latent z : onehot[k]
param W : real[2, k] init kmeans_pp(y)
cost distortion = sq(y - W @ z)
infer z by marginalize(beta = beta)
train by energy
run { steps = 5 }
report least = min(E(z = mode(z)) - F)
report greatest = max(E(z = mode(z)) - F)
report soft = mean(distortion(z = mode(z)))
"""
FACTORS = """model factors(k = 3)
data digs = digits()
observed y : real[64] from digs.image
latent z : real[k]
param W : real[64, k]
param mu : real[64] init y.mean
random m : binary[64] ~ bernoulli(0.3)
cost recon = sq(y - mu - W @ z)
regularizer prior = sq(z) / 2
infer z by {ring}
predict y by minimize{how}
train by energy with adam(0.01)
run {{ steps = 10, batch = 16 }}
report error = mean(sq(m * (y - fill(y, m))))
report kept = max(sq((1 - m) * (y - fill(y, m))))
report proof = max(residual(y))
report turns = max(steps(y))
report lowest = mean(F(y = fill(y, m)))
report everything = mean(F(y = mode(y)))
"""


def _values(model: Trained) -> dict[str, float]:
    return {row.text: row.value[0] for row in evaluate_run(model) if row.value}


def _arrays(model: Trained) -> dict[str, np.ndarray]:
    found = Splits(model).found("test")
    return {name: x.double().numpy() for name, x in found.values.items()}


def test_energies_at_other_points_are_those_of_the_module(tmp_path: Path) -> None:
    reports = (
        "report moved = mean(F(2 * y))\n"
        "report blind = mean(distortion(z = 0))\n"
        "report whole = mean(E(z = 0, y = 3 * y))\n"
    )
    model = run(SPIRAL + reports, tmp_path)
    rows, y = _values(model), _arrays(model)["y"]
    w = model.module.get_parameter("W").detach().double().numpy()
    away = np.square(2 * y[:, None] - w.T[None]).sum(-1)
    assert rows["moved"] == pytest.approx(away.min(1).mean(), rel=1e-5)
    assert rows["blind"] == pytest.approx(np.square(y).sum(1).mean(), rel=1e-5)
    assert rows["whole"] == pytest.approx(9 * np.square(y).sum(1).mean(), rel=1e-5)


def test_a_mode_is_the_minimizer_whatever_the_statement_says(tmp_path: Path) -> None:
    model = run(MIXED, tmp_path)
    rows, values = _values(model), _arrays(model)
    w = model.module.get_parameter("W").detach().double().numpy()
    energies = np.square(values["y"][:, None] - w.T[None]).sum(-1)
    soft = -np.log(np.exp(-5 * energies).sum(1)) / 5
    gap = energies.min(1) - soft
    assert rows["least"] == pytest.approx(gap.min(), abs=1e-5)
    assert rows["greatest"] == pytest.approx(gap.max(), abs=1e-5)
    assert 0 <= rows["least"] <= rows["greatest"] <= np.log(6) / 5
    assert rows["soft"] == pytest.approx(energies.min(1).mean(), rel=1e-5)


@pytest.mark.parametrize("how", ["", " with lbfgs(tol = 1e-7)"])
@pytest.mark.parametrize("ring", ["minimize", "marginalize"])
def test_blanks_are_filled_and_proved(ring: str, how: str, tmp_path: Path) -> None:
    model = run(FACTORS.format(ring=ring, how=how), tmp_path)
    rows, values = _values(model), _arrays(model)
    w, mu = (model.module.get_parameter(n).detach().double().numpy() for n in ("W", "mu"))
    spread = w @ w.T + np.eye(64) / 2
    y, filled = values["y"], values["y"].copy()
    for row, m in enumerate(values["m"] > 0):
        seen = np.linalg.solve(spread[~m][:, ~m], (y[row] - mu)[~m])
        filled[row, m] = mu[m] + spread[m][:, ~m] @ seen
    expected = np.square(values["m"] * (y - filled)).sum(1).mean()
    assert rows["error"] == pytest.approx(expected, rel=1e-4)
    assert rows["kept"] == pytest.approx(0, abs=1e-12)
    assert rows["proof"] < 1e-5
    assert (rows["turns"] > 0) == bool(how)
    tensor = torch.from_numpy(filled).float()
    assert rows["lowest"] == pytest.approx(float(_free(model, tensor)), rel=1e-4)
    centers = torch.from_numpy(np.tile(mu, (2, 1))).float()
    assert rows["everything"] == pytest.approx(float(_free(model, centers)), rel=1e-3, abs=1e-4)


def _free(model: Trained, y: torch.Tensor) -> torch.Tensor:
    return model.module.solve({"y": y}).value.detach().double().mean()


def test_statistics_of_training_are_those_of_the_training_split(tmp_path: Path) -> None:
    model = run(SPARSE, tmp_path)
    declared = model.plan.model.find("y")
    assert declared is not None
    y = variable(declared.quantity, declared.shape)
    elsewhere = make(Op.SPLIT, (y,), data=("mean", True, "train"), shape=(64,))
    spread = make(Op.SPLIT, (power(add(y, multiply(const(-1), elsewhere)), 2),), data=_MEAN)
    numbers = Splits(model).numbers("test")
    train = model.sources.samples("train").variables["y"].double()
    test = model.sources.samples("test").variables["y"].double()
    torch.testing.assert_close(numbers.number(elsewhere), train.mean(0), rtol=1e-6, atol=1e-6)
    expected = (test - train.mean(0)).square().mean()
    torch.testing.assert_close(numbers.number(spread), expected, rtol=1e-5, atol=1e-6)
    assert not torch.allclose(train.mean(0), test.mean(0))


_MEAN = ("mean", False)


GAUSS = """model gauss
data digs = digits()
observed y : real[64] from digs.image
param mu : real[64] init y.mean
negative yn from others(y)
cost distance = 2 * sq(y - mu)
train by energy with sgd(0.01)
run { steps = 2, batch = 16 }
report nats = mean(F + logZ)
report width = logZ
report contrast = mean(F - F(y = yn))
report itself = max(sq(yn - y))
"""


def test_log_z_and_contrastive_points_have_their_values(tmp_path: Path) -> None:
    model = run(GAUSS, tmp_path)
    rows = _values(model)
    width = 32 * np.log(2 * np.pi / 4)
    assert rows["width"] == pytest.approx(width, rel=1e-9)
    mean = float(Splits(model).found("test").energy.mean())
    assert rows["nats"] == pytest.approx(mean + width, rel=1e-6)
    assert abs(rows["contrast"]) < mean
    assert rows["itself"] > 0
