"""Reports: numbers over a split, certificates, conditions."""

from __future__ import annotations

from ebmdsl.expr.node import Op
from tests.check.programs import checked, messages

HEAD = """model m
observed y : real[4]
latent z : real[4]
cost e = sq(y - z) + sq(z)
infer z by minimize
"""


def test_a_mean_runs_over_the_split() -> None:
    (report,) = checked(HEAD + "report a = mean(E)\n").reports
    assert (report.name, report.split, report.node.op) == ("a", "test", Op.SPLIT)
    assert report.node.data == ("mean", False)


def test_a_mean_in_the_model_runs_over_a_sample() -> None:
    node = checked(HEAD + "cost d = mean(y)\n").terms[1].node
    assert node.op is Op.CALL


def test_a_statistic_keeps_the_entries() -> None:
    (report,) = checked(HEAD + "report a = sum(z.mean)\n").reports
    assert report.text == "sum(z.mean)"


def test_certificates_are_about_latents() -> None:
    (expect,) = checked(HEAD + "expect mean(gap(z)) < 1e-4\n").expects
    assert expect.node.op is Op.COMPARE
    (told,) = messages(HEAD + "expect mean(gap(e)) < 1e-4\n")
    assert told.startswith("`gap` takes a latent")


def test_a_report_may_use_another_report() -> None:
    model = checked(HEAD + "report a = mean(E)\nreport b = 2 * a on train\n")
    assert [each.split for each in model.reports] == ["test", "train"]
    assert not [block.name for block in model.blocks]
