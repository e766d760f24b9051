"""Subscripts: of plates, of dimensions, by tokens and by one-hot rows."""

from __future__ import annotations

import pytest

from ebmdsl.expr.node import Op
from tests.check.programs import messages, said, term

HEAD = """model m(T = 6)
observed x[t in 1..T] : real[2, 3]
observed y[t in 1..T] : token[5]
latent s[t in 1..T] : onehot[4]
latent z : onehot[4]
latent w : real[4]
param A : real[4, 5]
param L : real[4, 3, 2]
net f = linear(7)
let h = f(x)
infer s, z, w by minimize
"""


def _shape(expr: str) -> tuple[int, ...]:
    return term(HEAD + f"cost e = sq({expr})\n").node.args[0].shape


@pytest.mark.parametrize(
    ("expr", "shape"),
    [
        ("x", (6, 2, 3)),
        ("x[2]", (2, 3)),
        ("x[2, 1]", (3,)),
        ("x[2..4]", (3, 2, 3)),
        ("x[2..4, 0, 1..2]", (3, 2)),
        ("A[1, 2..4]", (3,)),
        ("A[0..1, 2]", (2,)),
        ("A[z]", (5,)),
        ("A.T[2]", (4,)),
        ("A.T[0..2, z]", (3,)),
        ("L[z]", (3, 2)),
        ("L[1..2, 0]", (2, 2)),
        ("A[s[1], y[2]] + w", (4,)),
        ("A.T[y[3]]", (4,)),
        ("A.T[y]", (6, 4)),
        ("h[3]", (2, 7)),
        ("h[0..1, 1]", (2, 7)),
    ],
)
def test_entries_have_shapes(expr: str, shape: tuple[int, ...]) -> None:
    assert _shape(expr) == shape


def test_a_dimension_that_was_a_plate_counts_as_the_plate_does() -> None:
    node = term(HEAD + "cost e[t] = sq(h[t] - h[t-1])\n").node
    (plate,) = node.args[0].plates
    assert (plate.index, plate.low, plate.size) == ("t", 2, 5)


def test_another_dimension_counts_from_zero() -> None:
    (plate,) = term(HEAD + "cost e[i] = w[i]^2\n").plates
    assert (plate.low, plate.size) == (0, 4)


def test_one_hot_rows_multiply_and_tokens_pick() -> None:
    by_row = term(HEAD + "cost e = sq(A[z])\n").node
    assert by_row is term(HEAD + "cost e = sq(z @ A)\n").node
    picked = term(HEAD + "cost e = sum(A.T[y[1]])\n").node.args[0]
    assert (picked.op, len(picked.args)) == (Op.INDEX, 2)


@pytest.mark.parametrize(
    ("expr", "id", "column"),
    [
        ("x[9]", "shape-mismatch", 13),
        ("x[5..9]", "shape-mismatch", 13),
        ("w[4]", "shape-mismatch", 13),
        ("w[-1]", "shape-mismatch", 13),
        ("w[1, 2]", "shape-mismatch", 13),
        ("w[1.5]", "wrong-arguments", 15),
        ("A[w]", "wrong-domain", 15),
        ("A[y[1]]", "shape-mismatch", 13),
        ("A.T[z]", "shape-mismatch", 13),
        ("A[nobody]", "unknown-name", 15),
        ("nobody[w]", "unknown-name", 13),
    ],
)
def test_what_does_not_select(expr: str, id: str, column: int) -> None:
    assert said(HEAD + f"cost e = sq({expr})\n") == [(id, 12, column)]


def test_the_message_says_what_selects() -> None:
    (told,) = messages(HEAD + "cost e = sq(A[w])\n")
    assert told.startswith("`w` is real, and only a token or a one-hot row selects")
