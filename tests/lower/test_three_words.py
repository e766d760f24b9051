"""One program, three words: minimize, marginalize and sample ask three questions of a graph."""

from __future__ import annotations

from math import log, pi

import pytest
import torch

from ebmdsl.lower.module import EnergyModule
from tests.lower.programs import module, samples
from tests.lower.states import HIDDEN_CHAIN, TWO_DOMAINS, energies, joined

MIXTURE = """model mixture(k = 4)
observed y : real[2]
latent z : onehot[k]
param W : real[2, k]
cost distance = sq(y - W @ z) / 2
infer z by RING
"""
BINARY = """model factors(k = 5)
observed y : real[3]
latent h : binary[k]
param W : real[3, k]
param c : real[k]
cost recon = sq(y - W @ h) / 2
regularizer rate = dot(c, h)
infer h by RING
"""
PLATED = """model plated(T = 3)
observed y[t in 1..T] : real[2]
latent h[t in 1..T] : binary[2]
param W : real[2, 2]
param c : real
cost recon[t] = sq(y[t] - W @ h[t]) / 2
cost both[t] = c * h[t][0] * h[t][1]
infer h by RING
"""
UNDER_A_NET = """model under
observed y : real[3]
latent k : onehot[4]
net dec = linear(6) |> tanh |> linear(3)
decoder yhat = dec(k)
cost recon = sq(y - yhat)
infer k by RING
"""
DISCRETE = {
    "mixture": (MIXTURE, samples(5, 2)),
    "binary": (BINARY, samples(5, 3)),
    "chain": (HIDDEN_CHAIN, torch.tensor([[0, 1, 2, 3, 0], [3, 3, 1, 0, 2]]).double()),
    "domains": (TWO_DOMAINS, samples(4, 4, 2)),
    "plate": (PLATED, samples(5, 3, 2)),
    "net": (UNDER_A_NET, samples(5, 3)),
}
DRAWS = 20_000
ERRORS = 4.5


def _word(text: str, ring: str) -> EnergyModule:
    model = module(text.replace("RING", ring))
    assert not any(step.open for step in model.plan.eliminations)
    return model


@pytest.mark.parametrize("beta", [1.0, 3.0])
@pytest.mark.parametrize("name", DISCRETE)
def test_minima_and_free_energies_of_states(name: str, beta: float) -> None:
    text, y = DISCRETE[name]
    least, free = _word(text, "minimize"), _word(text, f"marginalize(beta = {beta})")
    points, energy = energies(least, y)
    found, summed = least.solve({"y": y}), free.solve({"y": y})
    torch.testing.assert_close(found.value, energy.amin(1), rtol=1e-12, atol=1e-12)
    value = -torch.logsumexp(-beta * energy, 1) / beta
    torch.testing.assert_close(summed.value, value, rtol=1e-12, atol=1e-12)
    mean = torch.softmax(-beta * energy, 1) @ points
    torch.testing.assert_close(joined(free, summed.assignment), mean, rtol=1e-10, atol=1e-12)
    gap = found.value - summed.value
    assert (gap >= -1e-12).all()
    assert (gap <= log(len(points)) / beta + 1e-12).all()


@pytest.mark.parametrize("name", DISCRETE)
def test_draws_of_states(name: str) -> None:
    text, y = DISCRETE[name]
    model = _word(text, "sample")
    points, energy = energies(model, y[:1])
    share = torch.softmax(-energy[0], 0)
    many = {"y": y[:1].expand(DRAWS, *y.shape[1:])}
    drawn = joined(model, model.solve(many).assignment)
    mean = share @ points
    error = (drawn.var(0).clamp_min(1e-6) / DRAWS).sqrt()
    assert ((drawn.mean(0) - mean).abs() <= ERRORS * error).all()


ANALYZER = """model analyzer(d = 3)
observed y : real[5]
latent z : real[d]
param W : real[5, d]
param mu : real[5]
cost recon = sq(y - mu - W @ z) / 2
regularizer prior = sq(z) / 2
infer z by RING
"""
ANALYZERS = """model analyzers(K = 3, d = 2)
observed y : real[4]
latent k : onehot[K]
latent z : real[d]
param mu : real[4, K]
param W : real[4, d]
param V : real[4, d]
cost recon = sq(y - mu @ k - W @ z - k[0] * (V @ z)) / 2
regularizer prior = sq(z) / 2
infer z, k by RING
"""
NESTED = ANALYZERS.replace("infer z, k by RING", "infer z by INNER\ninfer k by OUTER")
TURNED = ANALYZERS.replace("infer z, k by RING", "infer k by INNER\ninfer z by OUTER")


def _gaussian(
    model: EnergyModule, y: torch.Tensor, *, k: torch.Tensor | None, size: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the minimum over z, where it is, and the matrix there, by derivatives of E."""
    given = {"y": y[:1]} if k is None else {"y": y[:1], "k": k[:1]}

    def one(z: torch.Tensor) -> torch.Tensor:
        return model.energy({**given, "z": z.unsqueeze(0)}).sum()

    zero = torch.zeros(size, dtype=torch.float64)
    matrix = torch.autograd.functional.hessian(one, zero, create_graph=True)
    assert isinstance(matrix, torch.Tensor)
    z = torch.zeros(len(y), size, dtype=torch.float64, requires_grad=True)
    whole = {"y": y, "z": z} if k is None else {"y": y, "k": k, "z": z}
    total = model.energy(whole).sum()
    slope = torch.autograd.grad(total, z, create_graph=True)[0]
    best = -torch.linalg.solve(matrix, slope.T).T
    return model.energy({**whole, "z": best}), best, matrix


def _volume(matrix: torch.Tensor, beta: float) -> torch.Tensor:
    return (torch.logdet(matrix) - len(matrix) * log(2 * pi / beta)) / (2 * beta)


def test_a_factor_analyzer() -> None:
    y = samples(6, 5)
    least, free = _word(ANALYZER, "minimize"), _word(ANALYZER, "marginalize(beta = 2)")
    value, best, matrix = _gaussian(least, y, k=None, size=3)
    found, summed = least.solve({"y": y}), free.solve({"y": y})
    torch.testing.assert_close(found.value, value, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(found.assignment["z"], best, rtol=1e-7, atol=1e-7)
    torch.testing.assert_close(summed.value, value + _volume(matrix, 2), rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(summed.assignment["z"], best, rtol=1e-9, atol=1e-9)
    drawn = _word(ANALYZER, "sample").solve({"y": y[:1].expand(DRAWS, 5)}).assignment["z"]
    error = (drawn.var(0) / DRAWS).sqrt()
    assert ((drawn.mean(0) - best[0]).abs() <= ERRORS * error).all()
    spread = torch.linalg.inv(matrix)
    torch.testing.assert_close(drawn.T.cov(), spread, rtol=0.1, atol=0.02)


def _by_state(
    model: EnergyModule, y: torch.Tensor, *, ring: str, beta: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what is left of every state of k without z, [n, 3], and z there, [n, 3, 2]."""
    values: list[torch.Tensor] = []
    points: list[torch.Tensor] = []
    for state in torch.eye(3, dtype=torch.float64):
        k = state.expand(len(y), 3)
        value, best, matrix = _gaussian(model, y, k=k, size=2)
        values.append(value if ring == "minimize" else value + _volume(matrix, beta))
        points.append(best)
    return torch.stack(values, 1), torch.stack(points, 1)


def _left(value: torch.Tensor, ring: str, *, beta: float) -> torch.Tensor:
    return value.amin(1) if ring == "minimize" else -torch.logsumexp(-beta * value, 1) / beta


@pytest.mark.parametrize("ring", ["minimize", "marginalize"])
def test_states_and_a_continuum_together(ring: str) -> None:
    y, model = samples(5, 4), _word(ANALYZERS, ring)
    inner, z = _by_state(model, y, ring=ring, beta=1)
    value = _left(inner, ring, beta=1)
    found = model.solve({"y": y})
    torch.testing.assert_close(found.value, value, rtol=1e-9, atol=1e-9)
    weights = list(model.parameters())
    ours = torch.autograd.grad(found.value.square().sum(), weights)
    theirs = torch.autograd.grad(value.square().sum(), weights)
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)
    share = torch.softmax(-inner, 1)
    if ring == "minimize":
        share = torch.nn.functional.one_hot(inner.argmin(1), 3).double()
    torch.testing.assert_close(found.assignment["k"], share, rtol=1e-9, atol=1e-9)
    mean = (share.unsqueeze(-1) * z).sum(1)
    torch.testing.assert_close(found.assignment["z"], mean, rtol=1e-6, atol=1e-6)


def test_draws_of_states_and_a_continuum_together() -> None:
    y, model = samples(1, 4), _word(ANALYZERS, "sample")
    inner, z = _by_state(model, y, ring="marginalize", beta=1)
    share = torch.softmax(-inner, 1)[0]
    found = model.solve({"y": y.expand(DRAWS, 4)}).assignment
    error = (share * (1 - share) / DRAWS).sqrt()
    assert ((found["k"].mean(0) - share).abs() <= ERRORS * error).all()
    for state in range(3):
        own = found["z"][found["k"][:, state] == 1]
        error = (own.var(0) / len(own)).sqrt()
        assert ((own.mean(0) - z[0, state]).abs() <= ERRORS * error).all()


@pytest.mark.parametrize("outer", ["minimize", "marginalize", "marginalize(beta = 2)"])
@pytest.mark.parametrize("inner", ["minimize", "marginalize", "marginalize(beta = 2)"])
def test_what_stands_outside_sees_what_is_left_inside(inner: str, outer: str) -> None:
    y = samples(4, 4)
    model = _word(NESTED.replace("INNER", inner).replace("OUTER", outer), "")
    within, without = (2.0 if "2" in each else 1.0 for each in (inner, outer))
    states, _ = _by_state(model, y, ring=inner.partition("(")[0], beta=within)
    value = _left(states, outer.partition("(")[0], beta=without)
    found = model.solve({"y": y})
    torch.testing.assert_close(found.value, value, rtol=1e-8, atol=1e-8)
    weights = list(model.parameters())
    ours = torch.autograd.grad(found.value.sum(), weights)
    theirs = torch.autograd.grad(value.sum(), weights)
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)


def test_a_minimum_of_a_sum_over_states() -> None:
    y = samples(3, 4)
    text = TURNED.replace("INNER", "marginalize").replace("OUTER", "minimize")
    model = _word(text, "")
    found = model.solve({"y": y}, tol=1e-9)
    states = torch.eye(3, dtype=torch.float64)

    def free(z: torch.Tensor) -> torch.Tensor:
        known = {"y": y.repeat(len(z) // 3, 1), "z": z}
        rows = [model.energy({**known, "k": k.expand(len(z), 3)}) for k in states]
        return -torch.logsumexp(-torch.stack(rows, 1), 1)

    z = found.assignment["z"].detach().requires_grad_()
    torch.testing.assert_close(found.value, free(z), rtol=1e-12, atol=1e-12)
    slope = torch.autograd.grad(free(z).sum(), z)[0]
    assert slope.abs().max() < 1e-5
    grid = torch.cartesian_prod(*[torch.linspace(-3, 3, 61, dtype=torch.float64)] * 2)
    looked = free(grid.repeat_interleave(3, 0)).detach().reshape(-1, 3).amin(0)
    assert (found.value <= looked + 1e-9).all()


@pytest.mark.parametrize(
    ("inner", "outer", "near"),
    [
        ("minimize", "marginalize", 1e-4),
        ("marginalize(beta = 2)", "marginalize", 1e-8),
        ("marginalize", "marginalize(beta = 2)", 1e-8),
        ("sample", "marginalize", 1e-8),
    ],
)
def test_an_integral_of_what_states_leave(inner: str, outer: str, near: float) -> None:
    y = samples(2, 4)
    text = TURNED.replace("d = 2", "d = 1").replace("INNER", inner).replace("OUTER", outer)
    model = _word(text, "")
    within, without = (2.0 if "2" in each else 1.0 for each in (inner, outer))
    assert model.plan.eliminations[1].nested == ("k",)
    grid = torch.linspace(-8, 8, 4001, dtype=torch.float64).unsqueeze(1)
    values: list[torch.Tensor] = []
    for state in torch.eye(3, dtype=torch.float64):
        rows = {"y": y.repeat_interleave(len(grid), 0), "z": grid.repeat(2, 1)}
        rows["k"] = state.expand(len(rows["y"]), 3)
        values.append(model.energy(rows).detach())
    left = _left(torch.stack(values, 1), inner.partition("(")[0], beta=within)
    cell = (grid[1] - grid[0]).squeeze()
    total = torch.logsumexp(-without * left.reshape(2, -1), 1) + cell.log()
    found = model.solve({"y": y}).value
    torch.testing.assert_close(found, -total / without, rtol=near, atol=near)
