"""What programs say is what is computed: expressions read, evaluated, compared by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.distributions import Bernoulli, Normal

from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.points import APART
from tests.check.programs import term
from tests.lower.programs import samples

HEAD = """model m
observed x[t in 0..3] : real[c = 2, h = 3]
observed tok[t in 0..3] : token[5]
observed y : real[4]
observed b : binary[4]
random n[t in 0..3] : real[2, 3] ~ normal(0, 1)
latent z : onehot[5]
param W : real[4, 4]
param A : real[5, 4]
param L : real[5, 2, 3]
param P : real[5, 5]
let slope = grad(sq(y - W @ y), y)
let d[t] = x[t] - x[t-1]
cost steps[t] = sq(d[t])
infer z by minimize
run { batch = 6 }
"""
BATCH = 6
Values = dict[str, Tensor]


def values() -> Values:
    """Draw a value for every variable of the program."""
    found: Values = {
        "x": samples(BATCH, 4, 2, 3),
        "n": samples(BATCH, 4, 2, 3).flip(0),
        "tok": torch.arange(BATCH * 4).reshape(BATCH, 4) % 5,
        "y": samples(BATCH, 4),
        "b": (samples(BATCH, 4) > 0).double(),
        "z": torch.eye(5).double()[torch.arange(BATCH) % 5],
        "W": samples(4, 4),
        "A": samples(5, 4),
        "L": samples(5, 2, 3),
        "P": samples(5, 5),
    }
    return {name: x if name == "tok" else x.double() for name, x in found.items()}


def steps(x: Tensor) -> Tensor:
    """Add up the squares of the differences along a sequence."""
    return (x[:, 1:] - x[:, :-1]).square().sum((1, 2, 3))


CASES: list[tuple[str, Callable[[Values], Tensor]]] = [
    ("sq(x[1..2, 0])", lambda v: v["x"][:, 1:3, 0].square().sum((1, 2))),
    ("sq(x[3, 1, 0..1])", lambda v: v["x"][:, 3, 1, :2].square().sum(1)),
    ("sq(A.T[1, 0..2])", lambda v: v["A"].T[1, :3].square().sum()),
    ("sum(A[z])", lambda v: v["A"][v["z"].argmax(1)].sum(1)),
    ("sq(L[z])", lambda v: v["L"][v["z"].argmax(1)].square().sum((1, 2))),
    ("sum(A[tok[2]])", lambda v: v["A"][v["tok"][:, 2]].sum(1)),
    ("sum[t](P[tok[t], tok[t]])", lambda v: v["P"].diagonal()[v["tok"]].sum(1)),
    ("sq(sum[t](x[t]))", lambda v: v["x"].sum(1).square().sum((1, 2))),
    ("sq(mean[h](x))", lambda v: v["x"].mean(3).square().sum((1, 2))),
    ("sq(max[c](x[1]))", lambda v: v["x"][:, 1].amax(1).square().sum(1)),
    ("sq(median[t](x[t]))", lambda v: v["x"].quantile(0.5, dim=1).square().sum((1, 2))),
    ("sq(quantile[t](x[t], 25%))", lambda v: _quantile(v["x"])),
    ("sq(quantile[h](x, share = 0.5))", lambda v: _middle(v["x"])),
    ("sq(std[t](x))", lambda v: v["x"].std(1, correction=0).square().sum((1, 2))),
    ("sum(y * [1, 2, 3, 4])", lambda v: v["y"] @ torch.tensor([1.0, 2, 3, 4]).double()),
    ("sq([y[0], y[3]])", lambda v: v["y"][:, [0, 3]].square().sum(1)),
    ("nll(normal(W @ y, 2), y)", lambda v: _normal(v["y"] @ v["W"].T, v["y"])),
    ("nll(bernoulli(0.3), b)", lambda v: -Bernoulli(0.3).log_prob(v["b"]).sum(1)),
    ("steps(x = n)", lambda v: steps(v["n"])),
    ("E(x = x + n)", lambda v: steps(v["x"] + v["n"])),
    ("sum(d(x = n))", lambda v: (v["n"][:, 3] - v["n"][:, 0]).sum((1, 2))),
    ("sum(max(y, 2 * y))", lambda v: torch.maximum(v["y"], 2 * v["y"]).sum(1)),
    ("sum(min(y, 0.1))", lambda v: v["y"].clamp(max=0.1).sum(1)),
    ("sum(tok == 2)", lambda v: (v["tok"] == 2).float().sum(1)),
    ("sq(slope(y = 2 * y))", lambda v: _slope(v)),
    ("sq(mean[batch](batch(y)))", lambda v: v["y"].mean(0).square().sum()),
    ("(u -> sq(u) + 1)(y)", lambda v: v["y"].square().sum(1) + 1),
]


def _quantile(x: Tensor) -> Tensor:
    return x.quantile(0.25, dim=1).square().sum((1, 2))


def _middle(x: Tensor) -> Tensor:
    return x.quantile(0.5, dim=3).square().sum((1, 2))


def _normal(mean: Tensor, y: Tensor) -> Tensor:
    return -Normal(mean, 2.0).log_prob(y).sum(1)


def _slope(v: Values) -> Tensor:
    y, eye = 2 * v["y"], torch.eye(4).double()
    matrix = (eye - v["W"]).T @ (eye - v["W"])
    return (2 * y @ matrix).square().sum(1)


@pytest.mark.parametrize(("expr", "expected"), CASES, ids=[case[0] for case in CASES])
def test_an_expression_has_its_value(expr: str, expected: Callable[[Values], Tensor]) -> None:
    node = term(f"{HEAD}loss l = {expr}\n", "l").node
    held = values()
    found = evaluate(node, held, world=APART)
    torch.testing.assert_close(found, expected(held))
