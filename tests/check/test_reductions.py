"""Reductions: over plates, over named dimensions, over a split, over the batch."""

from __future__ import annotations

import pytest

from ebmdsl.expr.node import Op
from tests.check.programs import checked, messages, said, term

HEAD = """model m
data curve = spiral()
observed y : real[2] from curve
observed x[t in 1..6] : real[c = 3, h = 4]
param m : real[2]
cost base = sq(y - m)
run { batch = 32 }
"""


def test_an_index_reduces_its_plate_only() -> None:
    node = term(HEAD + "cost e = sq(sum[t](x[t]))\n").node.args[0]
    assert (node.op, node.data, node.shape, node.plates) == (
        Op.OVER_PLATE,
        ("sum", "t"),
        (3, 4),
        (),
    )


def test_a_name_reduces_its_dimension_only() -> None:
    node = term(HEAD + "cost e = sq(mean[h](x[2]^2))\n").node.args[0]
    assert (node.op, node.data, node.shape) == (Op.OVER_PLATE, ("mean", "h", 1), (3,))
    whole = term(HEAD + "cost e = sq(max[t](x))\n").node.args[0]
    assert (whole.data, whole.shape) == (("max", "t", 0), (3, 4))


@pytest.mark.parametrize(
    ("word", "other"),
    [("sum", "6 * sq(m)"), ("mean", "sq(m)"), ("logsumexp", "sq(m) + log(6)"), ("std", "0")],
)
def test_what_is_the_same_for_every_index_is_reduced_at_once(word: str, other: str) -> None:
    one = term(HEAD + f"cost e = {word}[t](sq(m) + 0 * sum(x[t]))\n").node
    two = term(HEAD + f"cost e = {other}\n").node
    assert one is two or word == "logsumexp"


def test_words_reduce_the_sample_in_the_model_and_the_split_in_a_report() -> None:
    text = HEAD + "func size(u) = sum(u^2)\ncost e = mean(y)\nreport r = mean(size(y))\n"
    model = checked(text)
    assert model.terms[-1].node.op is Op.CALL
    (report,) = model.reports
    assert report.node.data == ("mean", False)
    assert report.node.args[0] is term(HEAD + "cost e = sq(y)\n").node


def test_quantiles_over_a_split_keep_their_share() -> None:
    (report,) = checked(HEAD + "report r = quantile(F, 90%)\n").reports
    function, each = report.node.data
    assert (function.word, function.share, each) == ("quantile", 0.9, False)


def test_statistics_keep_the_entries() -> None:
    (report,) = checked(HEAD + "report r = sum(y.cov) + sum(y.std)\n").reports
    splits = [arg.args[0] for arg in report.node.args]
    assert {(split.data, split.shape) for split in splits} == {
        (("cov", True), (2, 2)),
        (("std", True), (2,)),
    }


def test_a_batch_is_one_dimension_more() -> None:
    node = term(HEAD + "loss e = sq(mean[batch](batch(y - m)))\n").node.args[0].args[0]
    assert (node.op, node.shape, node.per_sample) == (Op.BATCH, (32, 2), False)


@pytest.mark.parametrize(
    ("line", "id", "column"),
    [
        ("cost e = sq(batch(y))", "misplaced-expression", 13),
        ("loss e = sq(batch(m))", "wrong-arguments", 19),
        ("loss e = sq(batch(y, m))", "wrong-arguments", 13),
        ("cost e = sq(y - y.mean)", "misplaced-expression", 17),
        ("cost e = sum[q](x)", "unknown-name", 14),
        ("cost e = product[t](x[t])", "unknown-name", 10),
        ("cost e = sum[t](x[t], y)", "wrong-arguments", 10),
        ("cost e = sq(quantile[t](x[t], 2))", "wrong-arguments", 31),
        ("cost e = sq(quantile[t](x[t], 0.5, 1))", "wrong-arguments", 36),
    ],
)
def test_what_cannot_be_reduced(line: str, id: str, column: int) -> None:
    assert said(HEAD + line + "\n") == [(id, 8, column)]


def test_an_unknown_dimension_lists_the_known_ones() -> None:
    (told,) = messages(HEAD + "cost e = sq(sum[hh](x))\n")
    assert told == "unknown index or dimension `hh` | did you mean `h`?"
