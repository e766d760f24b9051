"""Formulas read like those of a paper."""

from __future__ import annotations

import pytest

from ebmdsl.expr import build
from ebmdsl.expr.calls import call, word
from ebmdsl.expr.node import Node
from ebmdsl.expr.text import formula, number
from tests.check.programs import term
from tests.expr.expressions import leaf

z, y, a, A = leaf("z"), leaf("y"), leaf("a"), leaf("A")


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (build.subtract(y, build.matmul(A, z)), "y − A z"),
        (build.negative(z), "−z"),
        (build.scaled(0.5, call(word("sq"), z)), "½‖z‖²"),
        (build.multiply(a, call(word("l1"), z)), "‖z‖₁·a"),
        (build.power(build.add(z, y), 2), "(y + z)²"),
        (build.matmul(build.transpose(A), z), "Aᵀ z"),
        (build.add(z, build.const(-1)), "z − 1"),
        (build.power(z, 0.5), "√z"),
    ],
)
def test_a_formula(node: Node, text: str) -> None:
    assert formula(node) == text


HEAD = """model m
observed y : real[4]
observed x[t in 1..3] : real[2]
latent z : real[4]
param W : real[4, 4]
net f = linear(4)
encoder q ~ normal(f(y), 1)
cost e = sq(y - z)
infer z by minimize
"""


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        ("F(y = 2 * y)", "F(y = 2·y)"),
        ("nll(normal(0, 2), y)", "nll(normal(0, 2), y)"),
        ("sum(q)", "Σ normal(f(y), 1)"),
        ("sq([y[0], y[1]])", "‖[y[0], y[1]]‖²"),
        ("sq(batch(y))", "‖batch(y)‖²"),
        ("sq(W[1..2, 3])", "‖W[1..2][·, 3]‖²"),
        ("sq(quantile[t](x[t], 50%))", "‖quantile[t](x)‖²"),
        ("sq(x[2])", "‖x[2]‖²"),
        ("jacobian_norm(f, y)", "jacobian_norm(f(y), y)"),
        ("ramp(0, 1) * sq(y)", "‖y‖²·ramp(0, 1)"),
    ],
)
def test_a_formula_of_what_a_program_says(expr: str, text: str) -> None:
    assert formula(term(f"{HEAD}loss l = {expr}\n", "l").node) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "½"), (3.0, "3"), (0.1, "0.1"), (1e-7, "1e-07"), (1e20, "1e+20")]
)
def test_a_number(value: float, text: str) -> None:
    assert number(value) == text
