"""Terms that vanish where what training moves is zero."""

from __future__ import annotations

import pytest

from ebmdsl.plan.lints.constant import flattened, vanishes
from tests.check.programs import term
from tests.plan.lints.said import subject

HEAD = """model m
observed y : real[4]
given x : real[4]
param W : real[4, 4]
param m : real[4]
net f = linear(4) |> relu
net g = linear(4) |> sigmoid
cost e = {value}
"""


@pytest.mark.parametrize(
    ("value", "known"),
    [
        ("sq(W @ y)", True),
        ("l1(f(x) - f(y))", True),
        ("sq(f(y)) + l1(W @ x)", True),
        ("sum((W @ y)^2)", True),
        ("sq(y - W @ y)", False),
        ("sq(g(y))", False),
        ("sq(f(y) - 1)", False),
        ("dot(y, W @ y)", False),
        ("sum(sqrt((W @ y)^2 + 0.25))", True),
        ("sum(sqrt(y^2 + 0.25))", False),
        ("sum(exp(W @ y))", False),
    ],
)
def test_zero_is_followed_through_an_expression(value: str, known: bool) -> None:
    node = term(HEAD.format(value=value)).node
    assert vanishes(node, frozenset({"W", "m", "f", "g"})) is known


def test_all_terms_must_vanish_together() -> None:
    train = "train by energy\n"
    program = HEAD.format(value="sq(W @ y)").replace("param m : real[4]\n", "")
    one = subject(program + train)
    assert flattened(one, [each.node for each in one.model.terms]) is not None
    two = subject(program + "cost d = sq(y - x)\n" + train)
    assert flattened(two, [each.node for each in two.model.terms]) is None
