"""What to do with a model: run, report, expect, plot."""

from __future__ import annotations

import pytest

from tests.check.programs import checked, messages, said

HEAD = """model m
observed y : real[4]
latent z : real[4]
param W : real[4, 4]
net enc = linear(4)
encoder zhat = enc(y)
cost recon = sq(y - W @ z)
regularizer small = sq(z - zhat)
infer z by minimize
"""


def test_settings_are_read_key_by_key() -> None:
    text = "run { epochs = 3, batch = 7 }\nrun { epochs = 4 }\n"
    settings = checked(HEAD + text).settings
    assert (settings.epochs, settings.batch, settings.seed) == (4, 7, 0)


def test_measures_have_a_split() -> None:
    text = "report r = mean(F)\nexpect r < 1 on train\n"
    model = checked(HEAD + text)
    assert [(each.name, each.split) for each in model.reports] == [("r", "test")]
    assert [(each.text, each.split) for each in model.expects] == [("r < 1", "train")]


def test_pictures_are_read() -> None:
    text = "plot tile(W) on train\nplot filters(enc)\nplot surface(F, y)\nplot histogram(F)\n"
    plots = checked(
        HEAD.replace("real[4]", "real[2]")
        .replace("[4, 4]", "[2, 2]")
        .replace("linear(4)", "linear(2)")
        + text
    ).plots
    assert [(each.word, each.arguments, each.split) for each in plots] == [
        ("tile", ("W",), "train"),
        ("filters", ("enc",), "test"),
        ("surface", ("F", "y"), "test"),
        ("histogram", ("F",), "test"),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("run { epocs = 3 }", "no setting `epocs` | did you mean `epochs`?"),
        ("run { precision = 16 }", "`precision` is 32 or 64"),
        ("run { batch = 0 }", "`batch` is a whole number of at least 1"),
        ("run { batch = 2, batch = 3 }", "`batch` is set twice"),
        ("run { batch = W }", "`batch` must be a number known before the run"),
        ("report r = mean(F) on tset", "unknown split `tset` | did you mean `test`?"),
        ("expect mean(F)", "an `expect` compares two numbers"),
        ("plot tiles(W)", "unknown picture `tiles` | did you mean `tile`?"),
        ("plot tile", "`tile` needs what to draw | as `tile(W)`"),
        ("plot tile(V)", "unknown name `V`"),
        ("plot [1]", "a picture is a word or a call"),
        ("plot tile(W) on trian", "unknown split `trian`"),
    ],
)
def test_statements_that_do_not_fit(line: str, message: str) -> None:
    told = messages(HEAD + line + "\n")
    assert len(told) == 1, told
    assert message in told[0]


def test_the_parts_of_a_measure_fail_by_themselves() -> None:
    assert said(HEAD + "report r = mean(V) on tset\n") == [
        ("unknown-name", 10, 17),
        ("unknown-name", 10, 23),
    ]


def test_a_statistic_may_have_many_numbers_and_a_condition_one() -> None:
    assert checked(HEAD + "report used = z.mean\n").reports[0].node.shape == (4,)
    assert said(HEAD + "report all = W\n") == [("shape-mismatch", 10, 14)]
    assert said(HEAD + "expect z.mean < 1\n") == [("shape-mismatch", 10, 8)]
