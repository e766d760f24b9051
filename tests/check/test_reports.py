"""Reports: numbers over a split, certificates, minimizers, filled gaps, words of evaluation."""

from __future__ import annotations

import pytest

from ebmdsl.expr.node import Op
from tests.check.programs import checked, messages, said

HEAD = """model m
data digs = digits()
observed y : real[64] from digs.image
latent z : real[4]
param W : real[64, 4]
random m : binary[64] ~ bernoulli(0.5)
cost e = sq(y - W @ z) + sq(z)
infer z by minimize
predict y by minimize
"""


def test_a_mean_runs_over_the_split() -> None:
    (report,) = checked(HEAD + "report a = mean(E)\n").reports
    assert (report.name, report.split, report.node.op) == ("a", "test", Op.SPLIT)
    assert report.node.data == ("mean", False)


def test_certificates_are_about_latents() -> None:
    (expect,) = checked(HEAD + "expect mean(gap(z)) < 1e-4\n").expects
    assert expect.node.op is Op.COMPARE
    assert said(HEAD + "expect mean(gap(e)) < 1e-4\n") == [("wrong-role", 10, 17)]


@pytest.mark.parametrize("word", ["acceptance", "r_hat", "ess"])
def test_chains_are_asked_about_where_there_are_some(word: str) -> None:
    drawn = HEAD.replace("infer z by minimize", "infer z by sample(beta = 2)")
    (report,) = checked(f"{drawn}report a = mean({word}(z))\n").reports
    assert report.node.args[0].data.name == f"{word}(z)"
    assert messages(f"{HEAD}report a = mean({word}(z))\n") == [
        f"`{word}` is about chains, and `z` is not sampled | write `infer z by sample`"
    ]


def test_a_report_may_use_another_report() -> None:
    model = checked(HEAD + "report a = mean(E)\nreport b = 2 * a on train\n")
    assert [each.split for each in model.reports] == ["test", "train"]
    assert not [block.name for block in model.blocks]


def test_the_minimizer_has_the_shape_of_its_latent() -> None:
    (report,) = checked(HEAD + "report a = mean(sq(mode(z)))\n").reports
    mode = report.node.args[0].args[0]
    assert (mode.data.name, mode.shape) == ("mode(z)", (4,))


def test_filling_depends_on_the_mask() -> None:
    (report,) = checked(HEAD + "report a = mean(sq(fill(y, m) - y))\n").reports
    assert "m" in report.node.names


def test_a_word_of_evaluation_takes_whole_columns() -> None:
    text = HEAD + "report a = linear_probe(z, digs.label, labels = 10%)\n"
    (report,) = checked(text).reports
    function, each = report.node.data
    assert (report.node.op, function.word, each) == (Op.SPLIT, "linear_probe", False)
    assert not report.node.per_sample


@pytest.mark.parametrize(
    ("line", "id", "column"),
    [
        ("cost f = sq(mode(z))", "misplaced-expression", 13),
        ("cost f = gap(z)", "misplaced-expression", 10),
        ("loss f = sq(fill(y, m))", "misplaced-expression", 13),
        ("loss f = linear_probe(z, digs.label)", "misplaced-expression", 10),
        ("report f = sum(fill(y, y))", "wrong-domain", 16),
        ("report f = sum(fill(z, m))", "wrong-arguments", 21),
        ("report f = sum(fill(y))", "wrong-arguments", 16),
        ("report f = mean(gap(q))", "unknown-name", 21),
    ],
)
def test_what_a_report_cannot_say(line: str, id: str, column: int) -> None:
    assert said(HEAD + line + "\n") == [(id, 10, column)]


def test_nothing_is_filled_that_nothing_finds() -> None:
    text = HEAD.replace("predict y by minimize\n", "") + "report f = sum(fill(y, m))\n"
    assert messages(text) == [
        "nothing finds `y`, so no entry of it can be filled | write `predict y by minimize`"
    ]
