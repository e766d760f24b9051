"""Variational bounds: against closed forms, and against the integrals that they bound."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from ebmdsl.lower.module import EnergyModule
from ebmdsl.lower.seed import Randomness
from tests.lower.programs import module, samples

LINEAR = """model linear(k = 2)
observed y : real[3]
latent z : real[k]
param W : real[3, k]
param V : real[k, 3]
param d : real[k]
encoder zq ~ normal(V @ y, exp(d))
cost recon = sq(y - W @ z) / 2
cost prior = sq(z) / 2
infer z by marginalize(beta = 2) with variational(zq)
train by energy with adam
"""
CURVED = LINEAR.replace("W @ z)", "tanh(W @ z))")
OTHER = {
    "one scale": LINEAR.replace("exp(d))", "0.3)"),
    "a scale for each sample": LINEAR.replace("exp(d))", "exp(d + V @ y / 2))"),
    "a matrix for each sample": LINEAR.replace("W @ z)", "y[0] * (W @ z))"),
    "a separate term for each sample": LINEAR.replace("sq(z) / 2", "(2 + y[0]) * sq(z) / 2"),
    "ends": LINEAR.replace("normal(V @ y, exp(d))", "uniform(V @ y, V @ y + exp(d))"),
    "a plate": """model plated
observed y[t in 1..3] : real
latent z[t in 1..3] : real
param a : real
param d : real
encoder zq[t] ~ normal(a * y[t], exp(d))
cost recon[t] = sq(y[t] - tanh(a * z[t])) / 2
cost prior = sq(z) / 2
infer z by marginalize with variational(zq)
train by energy with adam
""",
}


def exact(text: str) -> EnergyModule:
    """Return the same model with its integral instead of the bound."""
    return module(text.replace("with variational(zq)", ""))


def free(model: EnergyModule, y: Tensor, seed: int = 0) -> Tensor:
    return model.solve({"y": y}, randomness=Randomness(seed)).value


def test_a_posterior_that_is_right_makes_the_bound_tight() -> None:
    model, y = module(LINEAR), samples(5, 3)
    with torch.no_grad():
        w = model.get_parameter("W")
        w.copy_(torch.linalg.qr(w)[0] * torch.tensor([0.5, 1.5]))
        precision = torch.eye(2, dtype=w.dtype) + w.T @ w
        model.get_parameter("V").copy_(torch.linalg.solve(precision, w.T))
        model.get_parameter("d").copy_(-(2 * precision.diagonal()).log() / 2)
    truth = exact(LINEAR)
    truth.load_state_dict(model.state_dict())
    known = truth.solve({"y": y})
    for live in (True, False):
        with torch.set_grad_enabled(live):
            torch.testing.assert_close(free(model, y), known.value)
    with torch.no_grad():
        found = model.solve({"y": y})
    torch.testing.assert_close(found.assignment["z"], known.assignment["z"])
    assert found.certificate.eq(0).all()


@pytest.mark.parametrize("text", [LINEAR, CURVED], ids=["linear", "curved"])
def test_any_other_posterior_is_an_upper_bound(text: str) -> None:
    model, y = module(text), samples(40, 3)
    with torch.no_grad():
        bound = model.solve({"y": y})
        truth = exact(text).solve({"y": y}).value
    assert (bound.value - truth > -4 * bound.certificate).all()
    assert (bound.value > truth).double().mean() > 0.9


@pytest.mark.parametrize("name", list(OTHER))
def test_draws_average_to_what_many_draws_average_to(name: str) -> None:
    model, y = module(OTHER[name]), samples(3, 3)
    draws = torch.stack([free(model, y, seed=seed).detach() for seed in range(600)])
    with torch.no_grad():
        many = torch.stack([free(model, y, seed=seed) for seed in range(1000, 1100)])
    error = (draws.var(0) / len(draws) + many.var(0) / len(many)).sqrt()
    assert ((draws.mean(0) - many.mean(0)).abs() <= 4.5 * error + 1e-9).all()
    assert (many.var(0) <= draws.var(0) + 1e-12).all()


@pytest.mark.parametrize("text", [LINEAR, CURVED, *OTHER.values()])
def test_the_gradient_is_that_of_the_bound_at_these_draws(text: str) -> None:
    model, y = module(text), samples(4, 3)
    weights = list(model.parameters())
    slopes = torch.autograd.grad(free(model, y).sum(), weights, materialize_grads=True)
    flat, before = nn.utils.parameters_to_vector(slopes), nn.utils.parameters_to_vector(weights)
    before = before.detach().clone()
    along = samples(4, len(flat), seed=9)
    for direction in along:
        ends: list[Tensor] = []
        for at in (before + 1e-5 * direction, before - 1e-5 * direction):
            nn.utils.vector_to_parameters(at, weights)
            ends.append(free(model, y).sum().detach())
        known = (ends[0] - ends[1]) / 2e-5
        torch.testing.assert_close(direction @ flat, known, rtol=1e-5, atol=1e-7)
    nn.utils.vector_to_parameters(before, weights)


def test_a_draw_is_live_in_a_loss_and_the_mean_is_reported() -> None:
    model, y = module(LINEAR), samples(4, 3)
    drawn = model.solve({"y": y}).assignment["z"]
    slopes = torch.autograd.grad(drawn.sum(), [model.get_parameter(n) for n in ("V", "d")])
    assert all(bool(slope.abs().sum() > 0) for slope in slopes)
    with torch.no_grad():
        mean = model.solve({"y": y}).assignment["z"]
    torch.testing.assert_close(mean, y @ model.get_parameter("V").detach().T)
    again = model.solve({"y": y}, randomness=Randomness(1)).assignment["z"]
    assert not torch.equal(drawn, again)


def test_beta_may_change_during_training() -> None:
    text = LINEAR.replace("(k = 2)", "(k = 2, warm = ramp(0.5, 1))")
    changing, y = module(text.replace("beta = 2", "beta = 1 / warm")), samples(4, 3)
    changing.constants["warm"] = torch.tensor(0.5, dtype=torch.float64)
    still = module(LINEAR)
    still.load_state_dict(changing.state_dict(), strict=False)
    torch.testing.assert_close(free(changing, y), free(still, y))


def test_a_broken_sample_harms_no_other() -> None:
    model, y = module(CURVED), samples(3, 3)
    with torch.no_grad():
        whole = model.solve({"y": y})
        y[1] = torch.nan
        found = model.solve({"y": y})
    assert found.status.bool().tolist() == [False, True, False]
    torch.testing.assert_close(found.value[[0, 2]], whole.value[[0, 2]])
