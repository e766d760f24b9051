"""Domains of values: tokens are no numbers, and words take what they are made for."""

from __future__ import annotations

import pytest

from ebmdsl.check.domains import domain_of
from tests.check.programs import checked, messages, said

HEAD = """model m
observed y[t in 1..6] : token[5]
observed b : binary[4]
observed c : spin[4]
observed r : real[4]
latent z : onehot[4]
param A : real[5, 4]
infer z by minimize
cost base = sq(r)
"""


@pytest.mark.parametrize(
    ("expr", "name"),
    [
        ("y[1]", "token"),
        ("y", "token"),
        ("hide(b, where = b)", "binary"),
        ("b * b", "binary"),
        ("r < 3", "binary"),
        ("z", "onehot"),
        ("z[1]", "binary"),
        ("stop(c)", "spin"),
        ("1 - b", "real"),
        ("[y[1], y[2]]", "token"),
        ("A[y[1]]", "real"),
        ("reshape(b, 2, 2)", "binary"),
    ],
)
def test_values_have_domains(expr: str, name: str) -> None:
    model = checked(HEAD + f"let u = {expr}\n")
    assert domain_of(model.blocks[0].node).name == name


@pytest.mark.parametrize(
    ("expr", "column"),
    [
        ("y[1] + 1", 13),
        ("-y[1]", 14),
        ("2 * y[2]", 17),
        ("sq(y)", 16),
        ("y[1] == r", 13),
        ("y[1] < y[2]", 13),
        ("bce(r, c)", 13),
        ("xent(r, r)", 13),
        ("hide(r, where = r)", 13),
        ("flip(r, 1)", 13),
        ('"text"', 13),
    ],
)
def test_what_a_domain_forbids(expr: str, column: int) -> None:
    assert said(HEAD + f"cost e = sq({expr})\n") == [("wrong-domain", 10, column)]


@pytest.mark.parametrize(
    "expr",
    [
        "y[1] == y[2]",
        "y[1] != 3",
        "bce(r, b)",
        "bce(r, sigmoid(r))",
        "xent(r, z)",
        "xent(A.T[0], y[1])",
        "hide(r, where = 1 - b)",
    ],
)
def test_what_it_allows(expr: str) -> None:
    assert said(HEAD + f"cost e = sq({expr})\n") == []


def test_the_message_says_what_a_token_is_for() -> None:
    (told,) = messages(HEAD + "cost e = sq(y[1] + 1)\n")
    assert told == (
        "`y[1]` is a token, a sign of an alphabet, and no number | "
        "let it select, as `A[y]`, compare it, or embed it by a net"
    )


def test_labels_have_the_alphabet_of_the_logits() -> None:
    (told,) = messages(HEAD + "cost e = xent(r, y[1])\n")
    assert told.startswith("4 logits are not for tokens of 5 signs")
