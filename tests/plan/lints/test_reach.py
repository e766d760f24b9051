"""What a code can cover and what parameters can copy."""

from __future__ import annotations

import pytest

from ebmdsl.expr.node import Node
from ebmdsl.plan.lints.reach import copies, covers, distance
from tests.check.programs import checked

HEAD = """model m
observed y : real[4]
latent z : real[8]
param W : real[4, 8]
param N : nonneg[4, 8]
param V : real[8, 4]
param m : real[4]
param p : real[2, 8]
param q : real[4, 2]
net dec = linear(6) |> relu |> linear(4)
net thin = linear(3) |> relu |> linear(4)
net shut = linear(4) |> tanh
net odd = bn |> unit |> linear(4)
cost e = sq({value})
infer z by minimize
"""


def _inside(value: str) -> Node:
    model = checked(HEAD.format(value=value))
    node = next(each.node for each in model.terms if each.name == "e")
    inside = distance(node)
    assert inside is not None
    return inside


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("W @ z", True),
        ("y - W @ z", True),
        ("m + 3 * (W @ z)", True),
        ("dec(z) - y", True),
        ("dec(y, z)", True),
        ("dec(W @ z)", True),
        ("q @ p @ z", False),
        ("thin(z)", False),
        ("shut(z)", False),
        ("odd(z)", False),
        ("W @ z + dec(z)", False),
        ("W @ tanh(z)", False),
        ("y - m", False),
    ],
)
def test_covering_is_proved(value: str, known: bool) -> None:
    assert covers(_inside(value), "z") is known


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("W @ V @ y", True),
        ("W @ relu(V @ y)", True),
        ("dec(y)", True),
        ("dec(shut(y) + m)", True),
        ("W @ V @ stop(y)", False),
        ("thin(y)", False),
        ("q @ tanh(q.T @ y)", False),
        ("N @ V @ y", False),
        ("dec(y) + dec(y)^2", False),
        ("m", False),
    ],
)
def test_copying_is_proved(value: str, known: bool) -> None:
    free = frozenset({"W", "V", "m", "q", "dec", "thin", "shut"})
    assert copies(_inside(value), "y", least=4, free=free) is known


def test_what_is_no_distance_has_no_zero_to_reach() -> None:
    model = checked(HEAD.format(value="y") + "loss l = dot(y, m)\nloss b = bce(m, y)\n")
    nodes = {each.name: each.node for each in model.terms}
    assert distance(nodes["l"]) is None
    assert distance(nodes["b"]) is not None
