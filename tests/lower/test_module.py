"""The module: free energies, envelope gradients, names and projections."""

from __future__ import annotations

import pytest
import torch

from ebmdsl.lower.module import EnergyModule
from tests.lower.programs import CURVED, LAGS, MIXTURE, SPARSE, UNITS, module, samples

SHAPES = {SPARSE: (8,), CURVED: (6,), LAGS: (6, 2), UNITS: (4,), MIXTURE: (2,)}


@pytest.mark.parametrize("text", SHAPES, ids=lambda text: text.split("(")[0])
def test_gradient_of_the_free_energy_is_its_central_difference(text: str) -> None:
    model = module(text)
    y = samples(5, *SHAPES[text])
    model.solve({"y": y}, tol=1e-12).value.sum().backward()
    for weight in model.parameters():
        assert weight.grad is not None
        direction = samples(*weight.shape, seed=3)
        expected = (weight.grad * direction).sum().item()
        steps = [_moved(model, weight, direction, y, size=size) for size in (1e-5, -1e-5)]
        assert (steps[0] - steps[1]) / 2e-5 == pytest.approx(expected, rel=1e-5, abs=1e-7)


def _moved(
    model: EnergyModule,
    weight: torch.Tensor,
    direction: torch.Tensor,
    y: torch.Tensor,
    *,
    size: float,
) -> float:
    with torch.no_grad():
        weight.add_(direction, alpha=size)
        value = float(model.solve({"y": y}, tol=1e-13).value.sum())
        weight.sub_(direction, alpha=size)
    return value


def test_what_is_found_is_a_constant() -> None:
    found = module(SPARSE).solve({"y": samples(3, 8)})
    assert found.value.requires_grad
    assert not found.assignment["z"].requires_grad


def test_the_terms_add_up_to_the_energy() -> None:
    model = module(SPARSE)
    values = {"y": samples(3, 8), "z": samples(3, 12)}
    terms = model.terms(values)
    assert list(terms) == ["recon", "sparse"]
    torch.testing.assert_close(sum(terms.values()), model.energy(values))


def test_an_empty_batch_gives_empty_results() -> None:
    found = module(SPARSE).solve({"y": samples(0, 8)})
    assert found.value.shape == (0,)
    assert found.assignment["z"].shape == (0, 12)


def test_projection_restores_the_constraints() -> None:
    model = module(SPARSE)
    with torch.no_grad():
        model.get_parameter("W").mul_(3)
    model.project(["W"])
    norms = model.get_parameter("W").norm(dim=0)
    torch.testing.assert_close(norms, torch.ones_like(norms))


def test_parameters_are_named_as_in_the_file() -> None:
    assert [name for name, _ in module(LAGS).named_parameters()] == ["A", "B", "C"]


def test_projection_reaches_the_weights_of_nets_but_no_biases() -> None:
    model = module(
        """model coder
observed y : real[4]
latent z : real[6]
net dec = linear(4) with unit_columns
cost recon = sq(y - dec(z))
regularizer sparse = l1(z)
infer z by minimize
train by energy
"""
    )
    before = model.get_parameter("dec.linear.bias").clone()
    model.project(["dec"])
    norms = model.get_parameter("dec.linear.weight").norm(dim=0)
    torch.testing.assert_close(norms, torch.ones_like(norms))
    assert torch.equal(model.get_parameter("dec.linear.bias"), before)


@pytest.mark.parametrize(("domain", "low"), [("nonneg", 0.0), ("positive", 1e-6)])
def test_projection_keeps_parameters_in_their_domain(domain: str, low: float) -> None:
    model = module(
        f"""model scale
observed y : real[4]
param q : {domain}[4]
cost recon = sq(y - q)
train by energy
"""
    )
    with torch.no_grad():
        model.get_parameter("q").fill_(-1.0)
    model.project(["q"])
    assert model.get_parameter("q").tolist() == [low] * 4
