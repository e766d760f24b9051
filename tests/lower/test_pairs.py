"""F of all pairs is that of each pair, and each side is evaluated once for each sample."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from ebmdsl.concepts.pipes import Pipe
from ebmdsl.expr.build import subtract, variable
from ebmdsl.expr.calls import call, word
from ebmdsl.expr.node import Op, Plate, Quantity, walk
from ebmdsl.lower.elimination import Asked, Table
from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.module import EnergyModule
from ebmdsl.lower.pairs import split_squares
from ebmdsl.lower.points import named
from ebmdsl.runtime.negatives import other_rows
from tests.lower.programs import module, samples

HEAD = """model pair
given x : real[3]
observed y : real[3]
net f = linear(5) |> tanh |> linear(2)
net g = linear(4) |> tanh |> linear(2)
let fx = f(x)
let gy = g(y)
"""
TAIL = """cost small = sq(x) + sq(y) / 3
negative yn[j in 1..5] from others(y)
negative gn[j in 1..5] from gy
loss l = logsumexp[j](-F(yn[j]))
loss k = logsumexp[j](-F(gy = gn[j]))
"""
ENERGIES = (
    "cost joint = -dot(fx, gy)",
    "cost joint = sq(fx - gy)",
    "cost joint = sq(fx - gy) * exp(-dot(gy, fx))",
    "cost joint = cos(fx, gy)",
    "net h = linear(3) |> tanh |> linear(1)\ncost joint = h(x, y)",
)


def others(n: int = 6) -> tuple[dict[str, Tensor], Table]:
    x, y = samples(n, 3), samples(n, 3, seed=7)
    index = other_rows(n, 5, rng=torch.Generator().manual_seed(0))
    return {"x": x, "y": y, "yn": y[index]}, Table(y, index)


def pairs(made: EnergyModule, values: dict[str, Tensor], k: int = 5) -> Tensor:
    """Return F of each pair, one by one, [n, k]."""
    n = len(values["x"])
    rows = [made.solve({"x": values["x"], "y": values["yn"][:, j]}).value for j in range(k)]
    return torch.stack(rows, 1).reshape(n, k)


def loss(made: EnergyModule, name: str, values: dict[str, Tensor], asked: Asked) -> Tensor:
    node = next(term.node for term in made.plan.model.terms if term.name == name)
    known = {n: x for n, x in values.items() if n in ("x", "y")}
    return made.evaluate(node, {**values, **named(made.solve(known))}, asked=asked)


@pytest.mark.parametrize("energy", ENERGIES)
def test_all_pairs_are_each_pair(energy: str) -> None:
    made = module(f"{HEAD}{energy}\n{TAIL}")
    values, table = others()
    expected = (-pairs(made, values)).logsumexp(1)
    plainly = loss(made, "l", values, Asked())
    by_table = loss(made, "l", values, replace(Asked(), tables={"yn": table}))
    torch.testing.assert_close(plainly, expected, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(by_table, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("energy", ENERGIES[:4])
def test_the_gradient_of_all_pairs_is_that_of_each(energy: str) -> None:
    made = module(f"{HEAD}{energy}\n{TAIL}")
    values, table = others()
    weights = list(made.parameters())
    one = torch.autograd.grad((-pairs(made, values)).logsumexp(1).sum(), weights)
    asked = replace(Asked(), tables={"yn": table})
    all_ = torch.autograd.grad(loss(made, "l", values, asked).sum(), weights)
    for expected, found in zip(one, all_, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("energy", ENERGIES[:4])
def test_rows_that_all_samples_share_are_those_of_each(energy: str) -> None:
    made = module(f"{HEAD}{energy}\n{TAIL}")
    values, _ = others()
    rows = samples(1, 5, 2, seed=11)
    shared = loss(made, "k", {**values, "gn": rows.expand(6, 5, 2)}, Asked())
    apart = loss(made, "k", {**values, "gn": rows.repeat(6, 1, 1)}, Asked())
    torch.testing.assert_close(shared, apart, rtol=1e-10, atol=1e-10)


def test_each_side_is_evaluated_once_for_each_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    made = module(f"{HEAD}{ENERGIES[0]}\n{TAIL}")
    values, table = others()
    seen: list[int] = []
    apply = Pipe.apply

    def counted(pipe: Pipe, x: Tensor, weights: Any, *, context: Any) -> Tensor:
        seen.append(len(x))
        return apply(pipe, x, weights, context=context)

    monkeypatch.setattr(Pipe, "apply", counted)
    loss(made, "l", values, replace(Asked(), tables={"yn": table}))
    assert max(seen) == 6
    loss(made, "l", values, Asked())
    assert max(seen) == 30


def test_squared_distances_become_products() -> None:
    own = variable(Quantity("u", "observed"), (3,))
    rows = variable(Quantity("r", "state"), (3,), plates=(Plate("j", 1, 4),))
    far = call(word("sq"), subtract(own, rows))
    node = split_squares(far)
    words = [each.data.word for each in walk(node) if each.op is Op.CALL]
    assert sorted(words) == ["dot", "sq", "sq"]
    values = {"u": samples(5, 3), "r": samples(4, 3)}
    expected = (values["u"].unsqueeze(1) - values["r"]).square().sum(-1)
    torch.testing.assert_close(evaluate(node, values), expected)
    same = variable(Quantity("v", "observed"), (3,))
    assert split_squares(call(word("sq"), subtract(own, same))) is call(
        word("sq"), subtract(own, same)
    )
