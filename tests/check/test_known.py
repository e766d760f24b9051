"""Where the value of F is needed, and where its gradient is enough."""

from __future__ import annotations

import pytest

from tests.check.programs import said

HEAD = """model drawn
observed y : real[2]
latent z : real[2]
param W : real[2, 2]
cost e = sq(y - W @ z) + sq(z)
infer z by sample
negative yn[j in 1..3] from normal(0, 1)
"""


@pytest.mark.parametrize(
    "line",
    [
        "train by minimize(F)",
        "train by minimize(2 * F - F(0 * y) / 3)",
        "train by minimize(F + sq(grad(F, y)))",
        "train by minimize(e)",
        "report energy = mean(E)",
    ],
)
def test_a_gradient_is_enough(line: str) -> None:
    assert said(HEAD.replace("negative yn[j in 1..3] from normal(0, 1)\n", "") + line) == []


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("train by minimize(softplus(F))", 28),
        ("train by minimize(F * F)", 19),
        ("train by minimize(F - exp(F))", 27),
        ("report free = mean(F)", 20),
        ("expect mean(F) < 1", 13),
    ],
)
def test_a_value_is_refused(line: str, column: int) -> None:
    body = HEAD.replace("negative yn[j in 1..3] from normal(0, 1)\n", "")
    assert said(body + line + "\n") == [("value-unknown", 7, column)]
    assert said(body.replace("sample", "minimize") + line + "\n") == []
