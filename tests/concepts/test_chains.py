"""Long chains: the forward algorithm, written plainly, is what elimination must equal."""

from __future__ import annotations

import torch

from ebmdsl.concepts.chains import chain_of, forward, sound
from tests.lower.programs import module
from tests.lower.states import HIDDEN_CHAIN

LENGTH, STATES, LETTERS = 256, 64, 27


def _program(ring: str) -> str:
    text = HIDDEN_CHAIN.replace("k = 3, T = 5", f"k = {STATES}, T = {LENGTH}")
    return (
        text.replace("token[4]", "token[27]").replace("[k, 4]", "[k, 27]").replace("RING", ring)
    )


def _letters(n: int, length: int = LENGTH) -> torch.Tensor:
    rng = torch.Generator().manual_seed(4)
    return torch.randint(LETTERS, (n, length), generator=rng).double()


def _probable(model: torch.nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for weight in model.parameters():
            noise = torch.randn(weight.shape, generator=rng, dtype=torch.float64)
            weight.copy_(torch.softmax(2 * noise, 1))
    weights = dict(model.named_parameters())
    return weights["A"], weights["B"]


def _plainly(a: torch.Tensor, b: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return -log Σ by logarithms of sums, one place after the other."""
    see = b.log()[:, y.long()].permute(1, 2, 0)
    total = see[:, 0]
    for at in range(1, y.shape[1]):
        total = torch.logsumexp(total.unsqueeze(2) + a.log(), 1) + see[:, at]
    return -torch.logsumexp(total, 1)


def test_a_long_chain_costs_its_length_and_equals_the_forward_algorithm() -> None:
    model = module(_program("marginalize"))
    a, b = _probable(model)
    y = _letters(3)
    problem = model.plan.eliminations[0].problem
    assert problem is not None
    assert problem.interactions is not None
    assert problem.interactions.work == (LENGTH - 1) * STATES**2 + STATES
    assert problem.interactions.largest == STATES**2
    found = model.solve({"y": y}).value
    plain = _plainly(a, b, y)
    torch.testing.assert_close(found, plain, rtol=1e-12, atol=0)
    ours, theirs = (torch.autograd.grad(x.sum(), [a, b]) for x in (found, plain))
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)


def test_the_best_path_of_a_long_chain_is_that_of_viterbi() -> None:
    model = module(_program("minimize"))
    a, b = _probable(model)
    y = _letters(2)
    found = model.solve({"y": y})
    see = -b.log()[:, y.long()].permute(1, 2, 0)
    least = see[:, 0]
    for at in range(1, LENGTH):
        least = (least.unsqueeze(2) - a.log()).amin(1) + see[:, at]
    torch.testing.assert_close(found.value, least.amin(1), rtol=1e-12, atol=0)


def test_where_almost_all_is_impossible_sums_are_taken_in_logarithms() -> None:
    text = """model steep(T = 4)
observed y[t in 1..T] : real[2]
latent s[t in 1..T] : onehot[2]
param a : real
cost see[t] = dot(y[t], s[t])
cost stay[t] = 1000 * a * (s[t][0] - s[t-1][0])^2
infer s by marginalize
"""
    model = module(text)
    with torch.no_grad():
        model.get_parameter("a").fill_(1.0)
    y = torch.tensor([[[0.0, 900], [900, 0], [0, 900], [0, 900]]], dtype=torch.float64)
    found = model.solve({"y": y})
    torch.testing.assert_close(found.value, torch.tensor([900.0], dtype=torch.float64))
    tables = model.inference.eliminations.steps[0].reduced.objective(
        {**model.weights, "y": y}, y.new_zeros(1, 8)
    )
    assert tables.factors is not None
    chain = chain_of(tables.factors, 1.0)
    assert chain is not None
    assert not sound(forward(chain))
