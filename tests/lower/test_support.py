"""What cannot run yet is said before anything runs, where it was written."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.source.text import Source

AWAY = "train by minimize(F - mean[j](F(q[j]))) with sgd(0.1)"
HEAD = "model small\nobserved y : binary[4]\nparam b : real[4]\ncost e = -dot(b, y)\n"


@pytest.mark.parametrize(
    ("train", "line", "what"),
    [
        (f"negative q[j] from queue(y, 4)\n{AWAY}", 5, "without a `state` that remembers"),
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


def test_a_plan_that_can_run_is_runnable() -> None:
    text = f"{HEAD}train by energy with sgd(0.1)\n"
    compilation = Compilation(Source("small.ebm", text))
    assert compilation.runnable is compilation.plan is not None


def test_chains_that_samples_share_depend_on_no_sample() -> None:
    text = """model m
given x : real[2]
observed y : real[2]
param W : real[2, 2]
cost e = sq(y - W @ x)
state P = particles(5, like = y)
negative yn[j in 1..5] from langevin(start = P)
train by minimize(F - mean[j](F(yn[j])))
"""
    refused = Compilation(Source("m.ebm", text))
    assert refused.runnable is None
    assert "`x`" in refused.diagnostics.errors[0].message
    free = text.replace("W @ x", "W @ y").replace("given x : real[2]\n", "")
    alone = Compilation(Source("m.ebm", free))
    assert alone.runnable is not None
