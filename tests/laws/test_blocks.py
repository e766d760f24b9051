"""Block Gibbs leaves its law as it is: its transition matrix, written out, on small models."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor

from ebmdsl.concepts.blocks import Block
from ebmdsl.concepts.sampling import begin
from ebmdsl.lower.drawing import Drawing
from ebmdsl.lower.objective import Objective
from tests.lower.programs import module

MODELS = {
    "two layers": (
        """model layers
latent v : binary[5]
latent h : binary[3]
param W : real[5, 3]
param b : real[5]
cost pairs = -(v @ W @ h) - dot(b, v)
infer v, h by sample(beta = {beta}) with gibbs
""",
        [5, 3],
    ),
    "ring": (
        """model ring
latent s[t in 1..7] : spin
param w : real
cost pairs[t in 2..7] = -w * s[t] * s[t - 1]
cost ends = -s[1] * s[7] / 2 - s[3] / 3
infer s by sample(beta = {beta}) with gibbs
""",
        [3, 3, 1],
    ),
    "grid": (
        """model grid
latent s[i in 1..3, j in 1..3] : binary
param w : real
param u : real
cost down[i in 2..3, j in 1..3] = -w * s[i, j] * s[i - 1, j]
cost across[i in 1..3, j in 2..3] = -u * s[i, j] * s[i, j - 1]
infer s by sample(beta = {beta}) with gibbs
""",
        [5, 4],
    ),
    "colors": (
        """model colors
latent z[t in 1..4] : onehot[3]
param A : real[3, 3]
cost pairs[t in 2..4] = z[t] @ A @ z[t - 1]
infer z by sample(beta = {beta}) with gibbs
""",
        [2, 2],
    ),
    "curved": (
        """model curved
latent s[t in 1..6] : spin
param w : real
cost pairs[t in 2..6] = tanh(w * s[t] + s[t - 1])
infer s by sample(beta = {beta}) with gibbs
""",
        [3, 3],
    ),
    "explained away": (
        """model explained
latent h : binary[5]
param W : real[4, 5]
param y : real[4]
cost recon = sq(y - W @ h)
infer h by sample(beta = {beta}) with gibbs
""",
        [1, 1, 1, 1, 1],
    ),
}
BETA = pytest.mark.parametrize("beta", [1, 2.5])
EACH = pytest.mark.parametrize("name", list(MODELS))


def made(name: str, beta: float = 1) -> tuple[Any, Objective, Tensor]:
    """Return the kernel of a model, what it sees for every state, and the states."""
    model = module(MODELS[name][0].format(beta=beta))
    (step,) = model.plan.eliminations
    drawing = Drawing(step, model.plan.model)
    one = torch.zeros(1, drawing.reduced.layout.size, dtype=torch.float64)
    sites = drawing.objective(model.weights, one).sites
    values = [[tuple(value) for value in site.values.tolist()] for site in sites]
    joined = [sum(each, ()) for each in product(*values)]
    states = torch.tensor(joined, dtype=torch.float64)
    with torch.no_grad():
        return step.sampler, drawing.objective(model.weights, states), states


def transition(sampler: Any, objective: Objective, states: Tensor, *, block: Block) -> Tensor:
    """Return the probability to move from each state to each other one by drawing a block."""
    chain = begin(objective, states)
    shares = sampler.shares(objective, chain, block=block)
    index = block.index(states)
    matrix = torch.ones(len(states), len(states), dtype=torch.float64)
    for entry in range(len(block.columns)):
        matrix = matrix * shares[:, entry, :][:, index[:, entry]]
    kept = torch.ones(states.shape[1], dtype=torch.bool)
    kept[block.columns.flatten()] = False
    same = (states[:, kept].unsqueeze(1) == states[:, kept]).all(-1)
    return matrix * same


@EACH
@torch.no_grad()
def test_entries_that_do_not_meet_move_together(name: str) -> None:
    _, objective, _ = made(name)
    blocks = objective.blocks
    assert [len(block.columns) for block in blocks] == MODELS[name][1]


@EACH
@BETA
@torch.no_grad()
def test_the_law_stays_as_it_is(name: str, beta: float) -> None:
    sampler, objective, states = made(name, beta)
    law = (-beta * objective.value(states)).softmax(0)
    sweep = torch.eye(len(states), dtype=torch.float64)
    for block in objective.blocks:
        matrix = transition(sampler, objective, states, block=block)
        torch.testing.assert_close(matrix.sum(1), torch.ones_like(law), rtol=0, atol=1e-12)
        flow = law.unsqueeze(1) * matrix
        torch.testing.assert_close(flow, flow.mT, rtol=0, atol=1e-12)
        sweep = sweep @ matrix
    torch.testing.assert_close(law @ sweep, law, rtol=0, atol=1e-12)
    assert (torch.linalg.matrix_power(sweep, 64) > 0).all()


@EACH
@torch.no_grad()
def test_a_sweep_draws_by_these_probabilities(name: str) -> None:
    sampler, objective, states = made(name)
    first = torch.zeros(20_000, dtype=torch.long)
    many = objective.rows(first)
    start, rng = states[:1].expand(len(first), -1), torch.Generator().manual_seed(4)
    draws = sampler.draws(many, states.shape[1])
    end = sampler.step(many, begin(many, start), noise=draws.noise(start, rng))
    sweep = torch.eye(len(states), dtype=torch.float64)
    for block in objective.blocks:
        sweep = sweep @ transition(sampler, objective, states, block=block)
    exact = sweep[0] @ states
    error = (sweep[0] @ (states - exact) ** 2 / len(first)).sqrt()
    assert ((end.z.mean(0) - exact).abs() < 4.5 * error + 1e-12).all()
    torch.testing.assert_close(end.energy, many.value(end.z))
