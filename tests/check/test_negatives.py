"""Contrastive points: every source keeps what was written, and unknown words are mistakes."""

from __future__ import annotations

import pytest

from ebmdsl.check.model import Declared, Drawn
from tests.check.programs import checked, messages, said

HEAD = """model m
data digs = digits() |> binarize(0.5)
given x : real[64] from digs.image
observed y : binary[64] from digs.image
param b : real[64]
random u : real[8] ~ normal
net f = linear(8)
net G = linear(64) |> sigmoid
generator fake = G(u)
state P = particles(100, like = y)
state Q = queue(f(y), 32)
state B = bank(f(y), momentum = 0.5)
cost e = -dot(b, y)
run { batch = 16 }
"""


def _negative(line: str) -> tuple[Declared, Drawn]:
    found = checked(HEAD + line + "\n").find("n")
    assert found is not None
    assert found.drawn is not None
    return found, found.drawn


@pytest.mark.parametrize(
    ("line", "word", "whole", "domain"),
    [
        ("negative n from gibbs(start = y, steps = 5)", "gibbs", (64,), "binary"),
        ("negative n[j in 1..100] from gibbs(start = P)", "gibbs", (100, 64), "binary"),
        ("negative n from gibbs(start = P)", "gibbs", (100, 64), "binary"),
        ("negative n[j] from others(y)", "others", (15, 64), "binary"),
        ("negative n[j] from batch", "batch", (15, 64), "binary"),
        ("negative n[j] from others(Q)", "others", (32, 8), "real"),
        ("negative n[j in 1..8] from others(B)", "others", (8, 8), "real"),
        ("negative n[j in 1..8] from queue(f(y), 64)", "queue", (8, 8), "real"),
        ("negative n[j in 1..8] from bernoulli(y.mean)", "bernoulli", (8, 64), "binary"),
        ("negative n[j in 1..8] from importance(bernoulli)", "importance", (8, 64), "binary"),
        ("negative n from fake", "", (64,), "real"),
        ("negative n[i] from flip(y, i)", "flip", (64, 64), "binary"),
        ("negative n from mine(f(y), by = sq(f(y)), kind = semihard)", "mine", (8,), "real"),
    ],
)
def test_points_have_the_shape_of_what_they_stand_for(
    line: str, word: str, whole: tuple[int, ...], domain: str
) -> None:
    found, drawn = _negative(line)
    assert (drawn.word, found.whole, found.quantity.domain.name) == (word, whole, domain)


def test_a_sampler_keeps_its_start_and_its_options() -> None:
    _, drawn = _negative("negative n from gibbs(start = P, steps = 3)")
    assert drawn.start is not None
    assert drawn.start.names == {"P"}
    assert drawn.sampler is not None
    assert (drawn.sampler.word, drawn.sampler.steps) == ("gibbs", 3)
    _, langevin = _negative("negative n from langevin(start = x, steps = 7, rate = 0.5)")
    assert langevin.sampler is not None
    assert (langevin.sampler.word, langevin.sampler.steps) == ("langevin", 7)


def test_a_flip_keeps_its_index_and_what_is_no_neighbor() -> None:
    _, drawn = _negative("negative n[i in 0..63] from flip(y, i, unless = digs.image)")
    options = dict(drawn.options)
    assert options["indices"] == ("i",)
    assert options["unless"].data.name == "digs.image"


def test_entries_of_a_sequence_count_as_its_plate_does() -> None:
    text = (
        "model m(T = 6)\nobserved y[t in 1..T] : token[5]\nparam A : real[5, 5]\n"
        "cost e[t] = -A[y[t-1], y[t]]\nnegative n[i, v in 1..4] from flip(y, i, v)\n"
        "loss l = sum[i](log(1 + sum[v](exp(F - F(n[i, v])))))\n"
    )
    found = checked(text).find("n")
    assert found is not None
    assert [(p.index, p.low, p.size) for p in found.plates] == [
        ("i", 1, 6),
        ("v", 1, 4),
        ("t", 1, 6),
    ]


@pytest.mark.parametrize(
    ("source", "id", "column"),
    [
        ("gibs(start = y)", "unknown-name", 17),
        ("gibbs(steps = 3)", "wrong-arguments", 17),
        ("gibbs(start = y, stepz = 3)", "wrong-arguments", 34),
        ("gibbs(start = y, steps = y)", "wrong-arguments", 42),
        ("gibbs(start = x)", "wrong-domain", 17),
        ("langevin(start = y, steps = 3)", "wrong-domain", 17),
        ("langevin(start = x, stepz = 3)", "wrong-arguments", 37),
        ("others()", "wrong-arguments", 17),
        ("others(b)", "wrong-role", 24),
        ("others(y, x)", "wrong-arguments", 27),
        ("flip(x, 1)", "wrong-arguments", 17),
        ("normal(0, 1)", "wrong-domain", 17),
        ("importance(mu)", "unknown-name", 28),
        ("mine(y, kind = harsh)", "unknown-name", 32),
        ("queue(f(y))", "wrong-arguments", 17),
    ],
)
def test_what_gives_no_points(source: str, id: str, column: int) -> None:
    assert said(HEAD + f"negative n from {source}\n") == [(id, 15, column)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("negative n[i] from flip(x, i)", "`x` is real, and has no entries to turn over"),
        ("negative n[i in 0..64] from flip(y, i)", "entry 64 is outside of 0..63"),
        ("negative n[j] from gibbs(start = y)", "index `j` has no range"),
        ("negative n from gibs(start = y)", "did you mean `gibbs`?"),
    ],
)
def test_messages_teach(line: str, message: str) -> None:
    (told,) = messages(HEAD + line + "\n")
    assert message in told
