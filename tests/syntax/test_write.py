"""Trees that no user wrote."""

from __future__ import annotations

import pytest

from ebmdsl.syntax.ast import Binary, Lambda, Name, Neg, Number, Pipe, Train
from ebmdsl.syntax.write import write, write_statement

A, B, C = Name("a"), Name("b"), Name("c")


@pytest.mark.parametrize(
    ("tree", "text"),
    [
        (Binary("-", A, Binary("-", B, C)), "a - (b - c)"),
        (Binary("-", Binary("-", A, B), C), "a - b - c"),
        (Binary("*", Binary("@", A, B), C), "(a @ b) * c"),
        (Binary("@", Binary("*", A, B), C), "(a * b) @ c"),
        (Binary("/", Binary("*", A, B), C), "a * b / c"),
        (Binary("^", Neg(A), Neg(B)), "(-a)^-b"),
        (Neg(Binary("^", A, B)), "-a^b"),
        (Neg(Binary("*", A, B)), "-(a * b)"),
        (Binary("+", A, Lambda((B,), C)), "a + (b -> c)"),
        (Pipe((Pipe((A, B)), C)), "(a |> b) |> c"),
        (Number(0.5), "0.5"),
        (Number(1e-30), "1e-30"),
        (Number(1000.0, "1e3"), "1e3"),
    ],
    ids=str,
)
def test_parentheses_stand_where_they_must(tree: Binary, text: str) -> None:
    assert write(tree) == text


def test_statements_are_one_line() -> None:
    assert write_statement(Train((A, B), C)) == "train a, b by c"
    assert write_statement(Train((), C, with_=(A,))) == "train by c with a"
