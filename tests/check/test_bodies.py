"""Functions that nothing calls are read for their names."""

from __future__ import annotations

import pytest

from tests.check.programs import said

HEAD = """model m(k = 2)
observed y : real[4]
param W : real[4]
cost e[t in 0..3] = (y[t] - W[t])^2
"""


def test_an_unknown_name_is_told_whether_it_is_called_or_not() -> None:
    body = HEAD + "func f(u) = sq(u - nobody)\n"
    assert said(body) == [("unknown-name", 5, 20)]
    assert said(body + "cost g = f(y)\n") == [("unknown-name", 5, 20)]


@pytest.mark.parametrize(
    "function",
    [
        "func f(u) = sq(u - W) + k * pi",
        "func f(u) = F(y = u) + E",
        "func f(u) = sum[j](u[j]) + t",
        "func f(u) = nll(normal(0, 1), u)",
        "func f(u) = window_sum(u, 2, edges = wrap)",
        "func f(u) = y |> abs |> sq",
        "func f(u) = y.mean",
    ],
)
def test_what_is_known_is_not_reported(function: str) -> None:
    assert said(HEAD + function + "\n") == []
