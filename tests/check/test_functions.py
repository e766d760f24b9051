"""Functions as arguments: lambdas, functions of the file, nets, words of the catalogue."""

from __future__ import annotations

import pytest

from tests.check.programs import messages, said, term

HEAD = """model m
observed y : real[4]
param W : real[4, 4]
net f = linear(4)
func twice(g, u) = g(g(u))
func fold(g, u, v) = g(u, g(u, v))
"""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("twice(u -> W @ u, y)", "W @ (W @ y)"),
        ("twice(tanh, y)", "tanh(tanh(y))"),
        ("twice(f, y)", "f(f(y))"),
        ("fold((a, b) -> a - b, y, 1)", "y - (y - 1)"),
        ("(u -> 2 * u)(y)", "2 * y"),
        ("y |> twice2(tanh)", "tanh(tanh(y))"),
        ("twice(u -> twice(v -> v + u, y), y)", "7 * y"),
    ],
)
def test_a_function_may_be_given(one: str, other: str) -> None:
    head = HEAD + "func twice2(u, g) = g(g(u))\n"
    nodes = [term(head + f"cost e = sum({each})\n").node for each in (one, other)]
    assert nodes[0] is nodes[1]


def test_a_lambda_sees_the_names_around_it() -> None:
    head = HEAD + "func shifted(u, d) = twice(v -> v + d, u)\n"
    one = term(head + "cost e = sq(shifted(y, 3))\n").node
    assert one is term(head + "cost e = sq(y + 6)\n").node


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("cost e = sq(u -> u)", "a function is no number to compute with"),
        ("cost e = sq(twice((a, b) -> a, y))", "the function takes 2 arguments, not 1"),
        ("func g(h) = h + 1\ncost e = sq(g(tanh))", "`h` is a function here, not a value"),
        ("cost e = sq((u -> u(u))(u -> u(u)))", "functions call each other without an end"),
        ("cost e = sq(twice(y, y))", "`g` is a value here, no function"),
    ],
)
def test_what_is_no_function_or_no_value(line: str, message: str) -> None:
    (told,) = messages(HEAD + line + "\n")
    assert message in told


def test_too_many_arguments_are_marked_and_too_few_mark_the_call() -> None:
    assert said(HEAD + "cost e = twice(tanh, y, y)\n") == [("wrong-arguments", 7, 25)]
    assert said(HEAD + "cost e = twice(tanh)\n") == [("wrong-arguments", 7, 10)]
