"""What a report asks for is refused before training where nothing can compute it."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.source.text import Source

BODY = """model m
data digs = digits()
observed y : real[64] from digs.image
latent z : real[8]
param W : real[64, 8]
net f = linear(64)
cost recon = sq(y - W @ z) + {term}
infer z by {ring}
{more}
train by energy
"""
WRONG = {
    "report a = mean(sq(y - fill(y, 1)))": "no method can minimize over `y`",
    "expect max(residual(y)) < 1": "no method can minimize over `y`",
}


def _said(text: str) -> list[tuple[str, int, str]]:
    compilation = Compilation(Source("m.ebm", text))
    _ = compilation.runnable
    errors = compilation.diagnostics.errors
    return [(each.id, each.span.line, each.message) for each in errors]


@pytest.mark.parametrize("line", WRONG)
def test_what_cannot_be_found_is_refused_at_the_report(line: str) -> None:
    more = f"predict y by minimize\n{line}"
    text = BODY.format(ring="minimize", term="max(abs(y - f(z)))", more=more)
    said = [each for each in _said(text) if each[1] == 10]
    assert said == [("no-method", 10, WRONG[line])]


def test_a_mode_without_a_minimum_is_refused() -> None:
    more = "report a = mean(sq(mode(z)))"
    text = BODY.format(ring="marginalize", term="max(abs(f(z)))", more=more)
    assert ("no-method", 9, "no method can minimize over `z`") in _said(text)


def test_what_can_be_computed_is_not_refused() -> None:
    more = "predict y by minimize\nreport a = mean(sq(y - fill(y, 1))) + mean(sq(mode(z)))"
    assert _said(BODY.format(ring="minimize", term="sq(z)", more=more)) == []
