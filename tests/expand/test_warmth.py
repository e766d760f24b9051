"""Where beta is not 1, strategies multiply F by it."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import compile
from ebmdsl.source.show import show
from ebmdsl.source.text import Source
from ebmdsl.syntax.format import format_file

MODEL = """model warm(b = 2)
observed y : binary[4]
latent h : binary[3]
param W : real[4, 3]
cost e = -(y @ W @ h)
infer h by marginalize(beta = {0})
train by {1}
"""


def written(beta: str, strategy: str) -> str:
    compilation = compile(MODEL.format(beta, strategy))
    assert compilation.expanded is not None, show(compilation.diagnostics)
    text = format_file(compilation.expanded.file, Source("", ""))
    return text[text.index("infer") :]


@pytest.mark.parametrize(
    ("strategy", "loss"),
    [
        ("max_likelihood", "b * F + logZ"),
        ("contrastive_divergence", "b * F - b * F(yn)"),
        ("ratio_matching", "sum[i](sigmoid(b * F - b * F(yf[i]))^2)"),
        ("energy", "F"),
    ],
)
def test_f_is_multiplied_wherever_it_is_weighed(strategy: str, loss: str) -> None:
    assert f"by minimize({loss})" in written("b", strategy)


def test_a_beta_of_one_is_not_written() -> None:
    assert "by minimize(F + logZ)" in written("1", "max_likelihood")


def test_sums_stay_together() -> None:
    assert "by minimize((b + 1) * F + logZ)" in written("b + 1", "max_likelihood")
