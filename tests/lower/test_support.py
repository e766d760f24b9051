"""What cannot run yet is said before anything runs, where it was written."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.source.text import Source

HEAD = "model small\nobserved y : binary[4]\nparam b : real[4]\ncost e = -dot(b, y)\n"


@pytest.mark.parametrize(
    ("train", "line", "what"),
    [
        ("train by max_likelihood", 5, "log Z"),
    ],
)
def test_a_plan_that_cannot_run_says_why(train: str, line: int, what: str) -> None:
    compilation = Compilation(Source("small.ebm", f"{HEAD}{train}\n"))
    assert compilation.plan is not None
    assert compilation.runnable is None
    found = compilation.diagnostics.errors
    assert {each.id for each in found} == {"not-supported-yet"}
    assert {each.span.line for each in found} == {line}
    assert any(what in each.message for each in found)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("random m : binary[4] ~ bernoulli(y.mean)\n", "a law whose options are computed"),
        ("loss l = nll(bernoulli(y.mean), y)\n", "a statistic of the training data"),
    ],
)
def test_what_depends_on_the_whole_data_says_so(line: str, what: str) -> None:
    train = "train by energy with sgd(0.1)\n"
    compilation = Compilation(Source("small.ebm", f"{HEAD}{line}{train}"))
    assert compilation.plan is not None
    assert compilation.runnable is None
    assert any(what in each.message for each in compilation.diagnostics.errors)


def test_a_plan_that_can_run_is_runnable() -> None:
    text = f"{HEAD}train by energy with sgd(0.1)\n"
    compilation = Compilation(Source("small.ebm", text))
    assert compilation.runnable is compilation.plan is not None
