"""Formulas read like those of a paper."""

from __future__ import annotations

import pytest

from ebmdsl.expr import build
from ebmdsl.expr.calls import call, word
from ebmdsl.expr.node import Node
from ebmdsl.expr.text import formula, number
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


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "½"), (3.0, "3"), (0.1, "0.1"), (1e-7, "1e-07"), (1e20, "1e+20")]
)
def test_a_number(value: float, text: str) -> None:
    assert number(value) == text
