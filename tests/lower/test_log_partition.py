"""log Z against sums over all states, fine grids and closed forms, with its gradient."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import Tensor, nn

from ebmdsl.lower.module import EnergyModule, lower
from tests.laws.integrals import grid
from tests.lower.programs import module, samples

RBM = """model rbm
observed y : binary[6]
latent z : binary[4]
param W : real[6, 4]
param b : real[6]
param c : real[4]
cost interaction = -(y @ W @ z)
cost bias = -dot(b, y) - dot(c, z)
infer z by marginalize
train by max_likelihood
"""
BITS = """model bits
observed y : spin[5]
param A : real[5, 5]
cost e = y @ A @ y
train by max_likelihood
"""
CHAIN = """model chain
observed y[t in 1..4] : token[3]
latent s[t in 1..4] : onehot[2]
param A : simplex[2, 2]
param B : simplex[2, 3]
cost trans[t] = -log(s[t-1] @ A @ s[t])
cost emit[t] = -log((s[t] @ B)[y[t]])
infer s by marginalize
train by max_likelihood
"""
FACTORS = """model factors
observed y : real[3]
latent z : real[2]
param W : real[3, 2]
param r : positive
cost recon = sq(y - W @ z) / (2 * r)
cost prior = sq(z) / 2
infer z by marginalize(beta = 2)
train by max_likelihood
"""
MIXTURE = """model mixture
observed y : real[2]
latent z : onehot[3]
param W : real[2, 3]
param a : real[3]
cost e = sq(y - W @ z) / 2 + dot(a, z)
infer z by marginalize
train by max_likelihood
"""
CURVED = """model curved
observed y : real[2]
net f = linear(4) |> tanh |> linear(1)
cost height = f(y)
cost wall = sq(y) / 2
train by max_likelihood
"""
MEANS = """model means
observed y : real[1]
latent z : onehot[3]
param W : real[1, 3]
cost e = sq(y - W @ z)
infer z by minimize
train by minimize(F + logZ) with adam
"""
GIVEN = """model conditional
given x : real[2]
observed y : binary[3]
param W : real[3, 2]
param A : real[3, 3]
cost e = y @ A @ y - y @ W @ x
train by max_likelihood
"""


def added(model: EnergyModule, points: Tensor, volume: Tensor | None = None) -> Tensor:
    """Add up exp(-beta F) over points with these log volumes."""
    beta = model.plan.partition.beta if model.plan.partition else 1.0
    free = model.solve({"y": points}).value
    return torch.logsumexp(-beta * free + (0.0 if volume is None else volume), 0)


@pytest.mark.parametrize(
    ("text", "values", "count", "methods"),
    [
        (RBM, [[0.0], [1.0]], 6, ("independent_units", "exhaustive_sum")),
        (BITS, [[-1.0], [1.0]], 5, None),
        (CHAIN, [[0.0], [1.0], [2.0]], 4, ("variable_elimination",)),
    ],
    ids=["rbm", "bits", "chain"],
)
def test_sums_over_all_states(
    text: str, values: list[list[float]], count: int, methods: tuple[str, ...] | None
) -> None:
    model = module(text)
    assert model.plan.partition is not None
    if methods is not None:
        assert tuple(step.method for step in model.plan.partition.steps) == methods
    points = torch.tensor(list(product([v[0] for v in values], repeat=count)))
    points = points if text == CHAIN else points.double()
    torch.testing.assert_close(model.log_partition()[0], added(model, points))


@pytest.mark.parametrize("text", [MIXTURE, CURVED], ids=["mixture", "curved"])
def test_integrals_over_a_plane(text: str) -> None:
    model = module(text)
    points, volume = grid(-12, 12, 24, 2)()
    torch.testing.assert_close(model.log_partition()[0], added(model, points, volume))


def test_a_slope_is_differentiated_where_none_was_recorded() -> None:
    model = module(CURVED.replace("tanh", "silu"))
    points, volume = grid(-12, 12, 24, 2)()
    with torch.no_grad():
        torch.testing.assert_close(model.log_partition()[0], added(model, points, volume))


def test_an_integral_of_a_minimum() -> None:
    model = module(MEANS)
    points, volume = grid(-12, 12, 4800, 1)()
    found, known = model.log_partition()[0], added(model, points, volume)
    torch.testing.assert_close(found, known, rtol=0, atol=1e-6)


def test_a_gaussian_is_known_in_closed_form() -> None:
    model = module(FACTORS)
    w, r = (model.get_parameter(name) for name in ("W", "r"))
    eye = torch.eye(3, dtype=w.dtype)
    joint = torch.cat(
        [
            torch.cat([eye / r, -w / r], 1),
            torch.cat([-w.T / r, eye[:2, :2] + w.T @ w / r], 1),
        ]
    )
    known = -torch.logdet(2 * joint / (2 * torch.pi)) / 2
    torch.testing.assert_close(model.log_partition()[0], known)


def test_what_is_given_gives_every_sample_its_own() -> None:
    model, x = module(GIVEN), samples(4, 2)
    points = torch.tensor(list(product([0.0, 1.0], repeat=3)), dtype=torch.float64)
    rows = [
        torch.logsumexp(-model.solve({"x": one.expand(8, -1), "y": points}).value, 0)
        for one in x
    ]
    torch.testing.assert_close(model.log_partition({"x": x}, samples=4), torch.stack(rows))


@pytest.mark.parametrize("text", [RBM, BITS, CHAIN, FACTORS, MIXTURE, CURVED])
def test_its_gradient_is_that_of_its_value(text: str) -> None:
    model = module(text)
    weights = list(model.parameters())
    if text == CHAIN:  # away from zeros, where -log has no slope
        whole = nn.utils.parameters_to_vector(weights).detach()
        nn.utils.vector_to_parameters((whole + 0.2) / 1.5, weights)
    slopes = torch.autograd.grad(model.log_partition().sum(), weights)
    flat = nn.utils.parameters_to_vector(slopes)
    before = nn.utils.parameters_to_vector(weights).detach().clone()
    for direction in samples(4, len(flat), seed=9):
        ends: list[Tensor] = []
        for at in (before + 1e-5 * direction, before - 1e-5 * direction):
            nn.utils.vector_to_parameters(at, weights)
            ends.append(model.log_partition().sum().detach())
        known = (ends[0] - ends[1]) / 2e-5
        torch.testing.assert_close(direction @ flat, known, rtol=1e-6, atol=1e-7)


def test_a_loss_holds_it_and_so_does_a_report() -> None:
    model = module(RBM)
    y = torch.tensor([[1.0, 0, 1, 1, 0, 0], [0, 0, 1, 0, 1, 1]], dtype=torch.float64)
    result = model.solve({"y": y})
    loss = model.objective(model.plan.updates[0], {"y": y}, result=result)
    torch.testing.assert_close(loss, result.value.mean() + model.log_partition()[0])


def test_numbers_of_float32_are_added_up_in_float64() -> None:
    wide = module(RBM)
    narrow = lower(wide.plan, dtype=torch.float32)
    narrow.load_state_dict({name: x.float() for name, x in wide.state_dict().items()})
    wide.load_state_dict({name: x.double() for name, x in narrow.state_dict().items()})
    found = narrow.log_partition()
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, wide.log_partition().float(), rtol=1e-7, atol=0)
