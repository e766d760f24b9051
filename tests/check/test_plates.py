"""Plates: ranges, slices, places, and indices that reach outside."""

from __future__ import annotations

import pytest

from ebmdsl.expr.node import Op, Plate
from tests.check.programs import checked, messages, term

HEAD = """model m(T = 6)
observed y[t in 1..T] : real[2]
latent s[t in 1..T] : real[2]
infer s by minimize
"""


def _plates(line: str) -> tuple[Plate, ...]:
    return term(HEAD + line + "\n").plates


def test_a_range_left_out_is_the_largest_that_exists() -> None:
    assert _plates("cost e[t] = sq(y[t] - s[t])") == (Plate("t", 1, 6),)
    assert _plates("cost e[t] = sq(s[t] - s[t-1])") == (Plate("t", 2, 5),)
    assert _plates("cost e[t] = sq(s[t+1] - 2 * s[t] + s[t-1])") == (Plate("t", 2, 4),)


def test_a_range_may_be_written() -> None:
    assert _plates("cost e[i in 2..4] = sq(y[i])") == (Plate("i", 2, 3),)


def test_a_plated_term_is_summed() -> None:
    assert term(HEAD + "cost e[t] = sq(s[t])\n").node.op is Op.SUM_PLATE


def test_a_name_without_index_is_the_whole_sequence() -> None:
    node = term(HEAD + "cost e = sq(s)\n").node
    assert node.args[0].shape == (6, 2)


def test_a_place_is_one_value() -> None:
    node = term(HEAD + "cost e = sq(s[3])\n").node
    assert (node.plates, node.args[0].data) == ((), ("entry", 0, 2))


def test_nodes_may_be_plated() -> None:
    model = checked(HEAD + "let d[t] = s[t] - s[t-1]\ncost e[t] = sq(d[t])\n")
    assert model.terms[0].plates == (Plate("t", 2, 5),)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("cost e = sq(s[9])", "index 9 is outside of 1..6"),
        ("cost e = sq(s[0])", "index 0 is outside of 1..6"),
        ("cost e[t in 1..6] = sq(s[t] - s[t-1])", "but what it is used for exists for 2..6"),
        ("cost e[t] = sq(y[3])", "index `t` has no range"),
        ("cost e[t] = sq(y[q])", "unknown index `q`"),
        ("cost e[t in 5..2] = sq(s[t])", "which is empty"),
        ("cost e[t] = sq(s[t] - s[t-7])", "which is empty"),
    ],
)
def test_indices_that_reach_outside(line: str, message: str) -> None:
    (told,) = messages(HEAD + line + "\n")
    assert message in told
