"""Any part from any other part: against conditional means, roots and brute force."""

from __future__ import annotations

import pytest
import torch

from ebmdsl.lower.elimination import Asked
from ebmdsl.lower.module import EnergyModule
from ebmdsl.lower.predicting import Prediction
from tests.lower.programs import module, samples

D, K, N = 6, 2, 7
FACTORS = """model factors(s2 = 0.3)
observed y : real[6]
latent z : real[2]
param W : real[6, 2]
param mu : real[6]
cost recon = sq(y - mu - W @ z) / (2 * s2)
regularizer prior = sq(z) / 2
infer z by {ring}
predict y by {how}
"""
ROOTS = """model roots
given x : real[1]
observed y : real[1]
cost distance = sq(y^2 - x)
predict y by minimize with lbfgs(tol = 1e-9) from starts(-2..2, 9)
"""
MEANS = """model means
observed y : real[2]
latent z : onehot[3]
param W : real[2, 3]
cost distance = sq(y - W @ z) / 2
regularizer flat = sq(y) / 50
infer z by {ring}
predict y by minimize with lbfgs(tol = 1e-8) from starts(-3..3, 9)
"""


def _laws() -> dict[str, torch.Tensor]:
    drawn = samples(N, D, seed=9) > 0
    block = torch.zeros(N, D, dtype=torch.bool)
    block[:, 2:5] = True
    half = torch.zeros(N, D, dtype=torch.bool)
    half[:, D // 2 :] = True
    return {"bernoulli": drawn, "block": block, "half": half, "all": torch.ones_like(half)}


def _conditional_mean(model: EnergyModule, y: torch.Tensor, m: torch.Tensor) -> torch.Tensor:
    weights = {name: x.detach() for name, x in model.weights.items()}
    w, mu = weights["W"], weights["mu"]
    spread = w @ w.T + 0.3 * torch.eye(D, dtype=torch.float64)
    filled = y.clone()
    for row in range(len(y)):
        u, o = m[row], ~m[row]
        seen = torch.linalg.solve(spread[o][:, o], (y[row] - mu)[o]) if bool(o.any()) else None
        filled[row, u] = mu[u] + (spread[u][:, o] @ seen if seen is not None else 0)
    return filled


@pytest.mark.parametrize("law", _laws())
@pytest.mark.parametrize("ring", ["minimize", "marginalize"])
@pytest.mark.parametrize(
    "how", ["minimize", "minimize with lbfgs(tol = 1e-7)", "minimize from 0"]
)
def test_blanks_are_filled_with_their_conditional_mean(ring: str, how: str, law: str) -> None:
    model = module(FACTORS.format(ring=ring, how=how))
    y, mask = samples(N, D), _laws()[law]
    (step,) = model.plan.predictions
    hidden = torch.where(mask, torch.nan, y)
    found = Prediction(step, model).find(
        {"y": torch.nan_to_num(hidden)}, {"y": mask}, asked=Asked(1e-7)
    )
    expected = _conditional_mean(model, y, mask)
    close = 1e-9 if step.method == "closed_form" else 1e-5
    torch.testing.assert_close(found.best["y"], expected, rtol=close, atol=close)
    assert torch.equal(found.best["y"][~mask], y[~mask])
    assert found.status.tolist() == [[0]] * N
    value = model.solve({"y": expected}, tol=1e-12).value
    torch.testing.assert_close(found.energy[:, 0], value.detach(), rtol=1e-7, atol=1e-7)


def test_both_roots_are_returned_for_every_sample() -> None:
    x = torch.linspace(0.1, 1.5, 101, dtype=torch.float64).unsqueeze(1)
    model = module(ROOTS)
    (step,) = model.plan.predictions
    blank = torch.zeros_like(x)
    found = Prediction(step, model).find(
        {"x": x, "y": blank}, {"y": torch.ones_like(x).bool()}, asked=Asked()
    )
    assert found.count.tolist() == [2] * 101
    roots = found.values["y"].squeeze(-1).sort(1).values
    torch.testing.assert_close(roots, torch.cat([-x.sqrt(), x.sqrt()], 1), rtol=0, atol=1e-3)
    assert found.energy.max() < 1e-9


def _grid_minima(model: EnergyModule, y: torch.Tensor) -> torch.Tensor:
    """F along the second entry, the first one known: [n, points]."""
    line = torch.linspace(-3, 3, 2001, dtype=torch.float64)
    points = torch.stack([y[:, :1].expand(-1, 2001), line.expand(len(y), -1)], -1)
    return model.solve({"y": points.reshape(-1, 2)}).value.detach().reshape(len(y), -1)


@pytest.mark.parametrize("ring", ["minimize", "marginalize(beta = 4)"])
def test_latents_disappear_inside_and_the_least_energy_is_first(ring: str) -> None:
    model = module(MEANS.format(ring=ring), seed=3)
    y = samples(N, 2)
    mask = torch.tensor([False, True]).expand(N, 2)
    (step,) = model.plan.predictions
    assert step.inside == ("z",)
    found = Prediction(step, model).find({"y": y}, {"y": mask}, asked=Asked(1e-8))
    least = _grid_minima(model, y).amin(1)
    assert (found.energy[:, 0] <= least + 1e-9).all()
    torch.testing.assert_close(found.energy[:, 0], least, rtol=0, atol=1e-4)
    ordered = found.energy[:, :-1] <= found.energy[:, 1:]
    assert ordered.all()


@pytest.mark.parametrize("ring", ["marginalize", "sample"])
def test_other_rings_answer_with_the_mean_and_with_draws(ring: str) -> None:
    model = module(FACTORS.format(ring="marginalize", how=ring))
    y, mask = samples(1, D), _laws()["half"][:1]
    (step,) = model.plan.predictions
    assert not step.open, step.reason
    expected = _conditional_mean(model, y, mask)
    many = 1 if ring == "marginalize" else 4000
    found = Prediction(step, model).find(
        {"y": y.expand(many, D)}, {"y": mask.expand(many, D)}, asked=Asked()
    )
    mean = found.best["y"].mean(0, keepdim=True)
    error = 1e-8 if ring == "marginalize" else 4 * float(found.best["y"].std(0).amax()) / 63
    torch.testing.assert_close(mean, expected, rtol=0, atol=error)


def test_no_samples_are_answered_with_none() -> None:
    model = module(FACTORS.format(ring="minimize", how="minimize"))
    (step,) = model.plan.predictions
    nobody = samples(0, D)
    found = Prediction(step, model).find({"y": nobody}, {"y": nobody > 0}, asked=Asked())
    assert found.best["y"].shape == (0, D)
