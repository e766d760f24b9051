"""Every marginalizer on every program: F, its gradient, the mean, draws; or a refusal."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from torch import Tensor, nn

from ebmdsl.concepts.base import default, words
from ebmdsl.concepts.marginals import Marginalizer
from ebmdsl.lower.latents import Reduced
from ebmdsl.lower.seed import Randomness
from tests.laws.integrals import LINE, Case, Model, Truth, cases, kinked

ALL = {case.name: case for case in cases()}
WORDS = words(Marginalizer)
BETAS = (0.5, 1.0, 3.0)
PAIRS = [
    (word, name)
    for word in WORDS
    for name, case in ALL.items()
    if case.plan(word, 1) is not None
]
TAKEN = pytest.mark.parametrize(("word", "name"), PAIRS)
DRAWN = [(word, name) for word, name in PAIRS if default(Marginalizer, word).draws]


@cache
def model(word: str, name: str, beta: float = 1.0) -> Model:
    return ALL[name].module(word, beta)


@cache
@torch.no_grad()
def truth_of(name: str, beta: float) -> Truth:
    """Add everything up; parameters do not depend on the method."""
    return ALL[name].module("", beta).truth()


def free(held: Model) -> Tensor:
    """Return F of all samples, with the same draws each time."""
    return held.module.solve({"y": held.y}, randomness=Randomness(5)).value


def slopes(held: Model, value: Tensor) -> Tensor:
    weights = list(held.module.parameters())
    found = torch.autograd.grad(value.sum(), weights, materialize_grads=True)
    return torch.cat([slope.flatten() for slope in found])


@torch.no_grad()
def differences(held: Model, directions: Tensor, step: float = 1e-5) -> Tensor:
    """Return central differences of the sum of F along directions of all parameters, [k]."""
    weights = list(held.module.parameters())
    before, rows = torch.cat([weight.flatten() for weight in weights]), []
    for direction in directions:
        ends: list[Tensor] = []
        for at in (before + step * direction, before - step * direction):
            nn.utils.vector_to_parameters(at, weights)
            ends.append(free(held).sum())
        rows.append((ends[0] - ends[1]) / (2 * step))
    nn.utils.vector_to_parameters(before, weights)
    return torch.stack(rows)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("name", list(ALL))
def test_a_method_takes_a_program_or_says_why_not(word: str, name: str) -> None:
    if (word, name) in PAIRS:
        (step,) = model(word, name).module.plan.eliminations
        assert (step.method, step.told) == (word, True)
        assert step.certificate
        return
    (reason,) = ALL[name].reasons(word)
    assert reason.startswith(f"`{word}` cannot marginalize this energy: ")
    assert len(reason.split()) >= 9


@pytest.mark.parametrize("name", list(ALL))
def test_every_program_is_taken_by_one_that_is_trusted(name: str) -> None:
    plan = ALL[name].plan("", 1)
    assert plan is not None
    (step,) = plan.eliminations
    assert step.marginalizer is not None
    assert step.marginalizer.trusted
    assert step.exact


@TAKEN
@pytest.mark.parametrize("beta", BETAS)
def test_f_is_what_adding_up_gives(word: str, name: str, beta: float) -> None:
    held = model(word, name, beta)
    method, truth = default(Marginalizer, word), truth_of(name, beta).value
    with torch.no_grad():
        value = free(held)
    apart = value - truth
    if method.trusted:
        torch.testing.assert_close(value, truth, rtol=0, atol=1e-7)
    elif method.bound:
        assert (apart > -1e-10).all()
        assert (apart < 1.0).all()
    elif held.case.modes == 1:
        error = held.module.solve({"y": held.y}, randomness=Randomness(5)).certificate
        assert (apart.abs() <= 4 * error + 1e-9).all(), (apart, error)


@TAKEN
def test_its_gradient_is_that_of_what_it_returns(word: str, name: str) -> None:
    held = model(word, name)
    mine = slopes(held, free(held))
    if word == "importance":
        truth = slopes(held, held.truth().value)
        if held.case.modes > 1:
            return
        torch.testing.assert_close(mine, truth, rtol=0.1, atol=0.2)
        return
    rng = torch.Generator().manual_seed(4)
    along = torch.randn(4, len(mine), generator=rng, dtype=torch.float64)
    torch.testing.assert_close(along @ mine, differences(held, along), rtol=1e-5, atol=1e-6)
    if default(Marginalizer, word).trusted:
        truth = slopes(held, held.truth().value)
        torch.testing.assert_close(mine, truth, rtol=1e-6, atol=1e-7)


@TAKEN
@pytest.mark.parametrize("beta", BETAS)
def test_the_mean_is_that_of_the_posterior(word: str, name: str, beta: float) -> None:
    held = model(word, name, beta)
    found = held.module.solve({"y": held.y}).assignment[held.name].flatten(1)
    truth = truth_of(name, beta)
    method = default(Marginalizer, word)
    if method.trusted:
        torch.testing.assert_close(found, truth.mean, rtol=0, atol=1e-7)
    elif held.case.modes > 1:
        assert found.isfinite().all()
    elif word == "importance":
        spread = truth.covariance.diagonal(dim1=1, dim2=2).sqrt()
        assert ((found - truth.mean).abs() < 0.25 * spread).all()
    else:
        assert (found - truth.mean).abs().mean() < 1.0


@pytest.mark.parametrize(("word", "name"), DRAWN)
@pytest.mark.parametrize("beta", BETAS)
def test_draws_have_the_moments_of_the_posterior(word: str, name: str, beta: float) -> None:
    held, n = model(word, name, beta), 20_000
    truth, method = truth_of(name, beta), default(Marginalizer, word)
    reduced = Reduced(held.module.plan.eliminations[0], held.module.plan.model)
    y = held.y[:1].expand(n, -1)
    values = {"y": y, **{k: w.detach() for k, w in held.module.weights.items()}}
    like = torch.zeros(n, reduced.layout.size, dtype=torch.float64)
    rng = torch.Generator().manual_seed(2)
    drawn = method.draw(reduced.objective(values, like), like, beta=beta, rng=rng)
    covariance = truth.covariance[0].detach()
    error = 4.5 / n**0.5
    apart = drawn - truth.mean[0]
    assert (apart.mean(0).abs() <= error * covariance.diagonal().sqrt() + 1e-9).all()
    found = apart.mT @ apart / n
    assert ((found - covariance).abs() <= error * truth.spread[0] + 1e-9).all()


@TAKEN
def test_a_broken_sample_is_told_and_harms_no_other(word: str, name: str) -> None:
    held = model(word, name)
    y = held.y.clone()
    whole = held.module.solve({"y": y})
    y[1] = torch.nan
    found = held.module.solve({"y": y})
    assert found.value[1].isnan()
    assert found.status.bool().tolist() == [False, True, False]
    for at in (0, 2):
        torch.testing.assert_close(found.value[at], whole.value[at], rtol=0, atol=1e-8)


def test_a_matrix_that_is_not_positive_has_no_integral() -> None:
    body = "latent z : real[1]\nparam a : real\ncost e = a * sq(z) + 0 * sum(y)\n"
    head = "model m\nobserved y : real[2]\n"
    case = Case("falls", f"{head}{body}infer z by marginalize METHOD\n", LINE)
    held = case.module("", 1.0)
    with torch.no_grad():
        held.module.get_parameter("a").fill_(-1.0)
    found = held.module.solve({"y": held.y})
    assert found.value.isnan().all()
    assert found.status.bool().all()
    assert held.module.plan.eliminations[0].method == "gaussian"


def test_a_kink_that_no_grid_knows_of_is_found_with_its_error() -> None:
    held = kinked().module("quadrature", 1.0)
    found = held.module.solve({"y": held.y})
    apart = (found.value - held.truth().value).abs()
    assert (apart < 1e-5).all()
    assert (apart < 30 * found.certificate).all()
    assert (found.certificate < 1e-5).all()
