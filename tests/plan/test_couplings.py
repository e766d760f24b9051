"""Which entries meet: proved from the program, checked against its second derivatives."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ebmdsl.lower.latents import layout
from ebmdsl.plan.couplings import couplings
from tests.lower.programs import module
from tests.plan.plans import plan_of

HEAD = """model m
observed y : real[4]
latent z : real[6]
latent s[t in 1..5] : real
latent h[t in 1..5] : real[3]
latent M : real[2, 3]
param W : real[4, 6]
param A : real[3, 3]
param B : real[6, 6]
net f = linear(2)
net g = linear(2) |> tanh |> linear(1)
"""
TERMS = {
    "sq(z)": [(0, 0), (5, 5)],
    "dot(y, W @ z)": [],
    "sq(y - W @ z)": [(0, 5), (2, 2)],
    "dot(z, z) + z[0] * z[3]": [(0, 3), (1, 1)],
    "z[0] * z[1] * z[2] + z[4] * y[0]": [(0, 1), (1, 2), (0, 2)],
    "exp(z[0] + z[1]) * z[2]": [(0, 0), (0, 1), (0, 2), (1, 2)],
    "sum(tanh(z)) + max(z[2..3])": [(0, 0), (2, 3)],
    "logsumexp(z)": [(0, 5)],
    "log(1 + exp(z[1])) * y[2]": [(1, 1)],
    "sum[t](s[t] * s[t-1])": [(6, 7), (9, 10)],
    "sum[t](sq(s[t] - s[t-1]))": [(6, 6), (6, 7)],
    "sum[t](dot(h[t], A @ h[t-1]))": [(11, 14), (11, 16), (22, 25)],
    "sum[t](s[t] * sum(h[t]))": [(6, 11), (6, 13), (10, 25)],
    "sum(s) * z[0]": [(0, 6), (0, 10)],
    "max[t](s[t])": [(6, 7), (6, 10)],
    "sum(M @ A @ h[1]) + sum(M.T @ z[0..1])": [(11, 26), (0, 26), (1, 29)],
    "sum(f(z))": [],
    "g(z)": [(0, 0), (0, 5)],
    "bce(sigmoid(z[0..3]), y) + l1(z[4..5])": [(0, 0), (4, 4)],
    "sq(z - stop(z))": [(0, 0)],
    "z @ B @ z": [(0, 5), (3, 3)],
    "nll(normal(z[0..3], 1), y)": [(0, 0), (1, 1)],
}


def meeting(term: str) -> tuple[Tensor, Tensor]:
    """Return what is proved, [30, 30], and the second derivatives at a random point."""
    program = f"{HEAD}cost e = {term}\ninfer z, s, h, M by minimize\n"
    model = module(program)
    names = ("z", "s", "h", "M")
    found = couplings(model.plan.model, names, value=model.plan.energy)
    assert found is not None
    proved = torch.zeros(found.count, found.count, dtype=torch.bool)
    for low, high in found.pairs:
        proved[low, high] = proved[high, low] = True
    for entry in found.curved:
        proved[entry, entry] = True
    places = layout(model.plan.model, names)
    rng = torch.Generator().manual_seed(3)
    point = torch.randn(found.count, generator=rng, dtype=torch.float64)
    y = torch.rand(1, 4, generator=rng, dtype=torch.float64)

    def energy(z: Tensor) -> Tensor:
        return model.energy({"y": y, **places.split(z.unsqueeze(0))})[0]

    return proved, torch.func.hessian(energy)(point)


@pytest.mark.parametrize("term", TERMS)
def test_entries_that_are_not_listed_never_meet(term: str) -> None:
    proved, hessian = meeting(term)
    assert (hessian[~proved] == 0).all()
    for low, high in TERMS[term]:
        assert proved[low, high], (low, high)
    if not TERMS[term]:
        assert not proved.any()


@pytest.mark.parametrize(
    "term",
    [
        "sum[t](s[t] * s[t-1])",
        "sum[t](dot(h[t], A @ h[t-1]))",
        "z[0] * z[1] * z[2] + z[4] * y[0]",
        "sum[t](s[t] * sum(h[t]))",
        "z @ B @ z",
    ],
)
def test_nothing_else_is_listed(term: str) -> None:
    proved, hessian = meeting(term)
    assert torch.equal(proved, hessian != 0)


def test_the_columns_of_one_entry_are_one() -> None:
    plan, _ = plan_of(
        "model m\nlatent z[t in 1..3] : onehot[4]\nparam A : real[4, 4]\n"
        "cost e[t in 2..3] = z[t] @ A @ z[t-1]\ninfer z by minimize\n"
    )
    assert plan is not None
    found = couplings(plan.model, ("z",), value=plan.energy)
    assert found is not None
    assert (found.count, found.pairs, found.curved) == (3, ((0, 1), (1, 2)), ())


def test_what_cannot_be_read_is_not_claimed() -> None:
    plan, _ = plan_of(
        "model m\nobserved y : real[3]\nlatent z : binary[3]\n"
        "cost e = sum(grad(sum(y * y * z), y))\ninfer z by sample\n"
    )
    assert plan is not None
    assert couplings(plan.model, ("z",), value=plan.energy) is None
