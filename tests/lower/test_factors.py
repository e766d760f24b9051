"""Discrete latents by elimination, in every ring, against enumeration."""

from __future__ import annotations

import pytest
import torch

from ebmdsl.lower.clamping import clamped
from ebmdsl.lower.factors import changed
from ebmdsl.plan.templates import templates
from tests.lower.programs import module, samples
from tests.lower.states import (
    GRID,
    HIDDEN_CHAIN,
    PAIRS,
    PARALLEL,
    SECOND_ORDER,
    TOKENS,
    TWO_DOMAINS,
    energies,
    joined,
)

CASES = {
    "grid": (GRID, samples(4, 3, 4)),
    "chain": (HIDDEN_CHAIN, torch.tensor([[0, 1, 2, 3, 0], [3, 3, 1, 0, 2]]).double()),
    "pairs": (PAIRS, samples(4, 7)),
    "domains": (TWO_DOMAINS, samples(4, 4, 2)),
    "tokens": (TOKENS, samples(4, 4, 2)),
    "parallel": (PARALLEL, samples(4, 2, 4, 2)),
    "second_order": (SECOND_ORDER, samples(4, 5)),
}
DRAWS = 20_000
ERRORS = 4.5


@pytest.mark.parametrize("beta", [1.0, 0.7])
@pytest.mark.parametrize("name", CASES)
def test_sums_means_and_slopes_equal_enumeration(name: str, beta: float) -> None:
    text, y = CASES[name]
    word = f"marginalize(beta = {beta}) with variable_elimination"
    model = module(text.replace("RING", word))
    positive(model)
    points, energy = energies(model, y)
    value = -torch.logsumexp(-beta * energy, 1) / beta
    found = model.solve({"y": y})
    torch.testing.assert_close(found.value, value, rtol=1e-12, atol=1e-12)
    mean = torch.softmax(-beta * energy, 1) @ points
    torch.testing.assert_close(joined(model, found.assignment), mean, rtol=1e-11, atol=1e-12)
    weights = list(model.parameters())
    ours = torch.autograd.grad(found.value.square().sum(), weights)
    theirs = torch.autograd.grad(value.square().sum(), weights)
    torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_the_minimum_equals_enumeration(name: str) -> None:
    text, y = CASES[name]
    model = module(text.replace("RING", "minimize with variable_elimination"))
    _, energy = energies(model, y)
    found = model.solve({"y": y})
    torch.testing.assert_close(found.value, energy.amin(1), rtol=1e-12, atol=1e-12)
    assert (found.status == 0).all()


@pytest.mark.parametrize("name", CASES)
def test_draws_have_the_frequencies_of_the_posterior(name: str) -> None:
    text, y = CASES[name]
    model = module(text.replace("RING", "sample"))
    assert model.plan.eliminations[0].method == "variable_elimination"
    points, energy = energies(model, y[:1])
    share = torch.softmax(-energy[0], 0)
    drawn = joined(model, model.solve({"y": y[:1].expand(DRAWS, *y.shape[1:])}).assignment)
    mean, both = share @ points, points.T @ (share.unsqueeze(1) * points)
    seen, pairs = drawn.mean(0), drawn.T @ drawn / DRAWS
    spread = (drawn.T.square() @ drawn.square() / DRAWS - pairs.square()).clamp_min(1e-6)
    assert ((pairs - both).abs() <= ERRORS * (spread / DRAWS).sqrt()).all()
    assert ((seen - mean).abs() <= ERRORS * (drawn.var(0).clamp_min(1e-6) / DRAWS).sqrt()).all()


@torch.no_grad()
def positive(model: torch.nn.Module) -> None:
    """Move probabilities away from 0, where a logarithm has no slope."""
    weights = [weight for name, weight in model.named_parameters() if name in ("A", "B")]
    laws = [each for each in weights if bool((each.sum(-1) - 1).abs().max() < 1e-9)]
    for law in laws:
        law.copy_(0.8 * law + 0.2 / law.shape[-1])


def test_what_is_impossible_has_a_slope_and_is_never_found() -> None:
    _, y = CASES["chain"]
    model = module(HIDDEN_CHAIN.replace("RING", "marginalize"))
    with torch.no_grad():
        model.get_parameter("A").copy_(
            torch.tensor([[0.0, 1, 0], [0.5, 0, 0.5], [0.2, 0.8, 0]])
        )
        model.get_parameter("B").fill_(0.25)
    weight = model.get_parameter("A")
    found = model.solve({"y": y})
    (slope,) = torch.autograd.grad(found.value.sum(), [weight])
    assert slope.isfinite().all()
    for at in (weight == 0).nonzero().tolist():
        with torch.no_grad():
            weight[at[0], at[1]] = 1e-7
            moved = (model.solve({"y": y}).value - found.value).sum() / 1e-7
            weight[at[0], at[1]] = 0
        torch.testing.assert_close(slope[at[0], at[1]], moved, rtol=1e-5, atol=1e-5)
    best = module(HIDDEN_CHAIN.replace("RING", "minimize"))
    best.load_state_dict(model.state_dict())
    s = best.solve({"y": y}).assignment["s"]
    steps = torch.einsum("nti,ij,ntj->nt", s[:, :-1], weight.detach(), s[:, 1:])
    assert (steps > 0).all()


def test_second_derivatives_of_a_chain_are_right() -> None:
    text, y = CASES["parallel"]
    model = module(text.replace("RING", "marginalize"))
    weights = list(model.parameters())
    _, energy = energies(model, y)
    values = (model.solve({"y": y}).value, -torch.logsumexp(-energy, 1))
    found: list[tuple[torch.Tensor, ...]] = []
    for value in values:
        first = torch.autograd.grad(value.square().sum(), weights, create_graph=True)
        total = torch.stack([each.sin().sum() for each in first]).sum()
        found.append(torch.autograd.grad(total, weights))
    torch.testing.assert_close(found[0], found[1], rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", ["chain", "grid"])
def test_entries_that_are_held_keep_their_values(name: str) -> None:
    text, y = CASES[name]
    model = module(text.replace("RING", "marginalize with variable_elimination"))
    positive(model)
    points, energy = energies(model, y)
    reduced = model.inference.eliminations.steps[0].reduced
    values = {**{name: x.detach() for name, x in model.weights.items()}, "y": y}
    like = y.new_zeros(len(y), reduced.layout.size)
    objective = reduced.objective(values, like)
    free = torch.ones_like(like, dtype=torch.bool)
    free[0, 3:6] = False
    known = points[-1].expand_as(like)
    held = clamped(objective, free=free, known=known)
    marginalizer = model.plan.eliminations[0].marginalizer
    assert marginalizer is not None
    found = marginalizer.marginal(held, like, beta=1.0, rng=None)
    allowed = (points[:, 3:6] == known[0, 3:6]).all(1)
    one = -torch.logsumexp(-energy[0, allowed], 0)
    torch.testing.assert_close(found.value[0], one)
    torch.testing.assert_close(found.value[1:], -torch.logsumexp(-energy[1:], 1))
    torch.testing.assert_close(found.mean[0, 3:6], known[0, 3:6])


def test_changes_are_listed_once_base_first() -> None:
    model = module(PAIRS.replace("RING", "marginalize"))
    (term,) = (
        each
        for each in templates(model.plan.model, ("s",), energy=model.plan.energy) or ()
        if each.kind == "pairs"
    )
    rows = changed(term)
    assert len(rows) == len(rows.unique(dim=0)) == term.evaluations == 1 + 7 + 21
    assert not rows[0].any()
