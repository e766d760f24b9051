"""Characters that mean nothing, and what was meant."""

from __future__ import annotations

from ebmdsl.source.fixes import applied
from ebmdsl.source.text import Source
from ebmdsl.syntax.parse import parse


def mended(text: str) -> str:
    source = Source("m", f"model m\n{text}\n")
    fixes = [each.fix for each in parse(source)[1].all if each.fix]
    return applied(source, fixes).splitlines()[1]


def test_lookalikes_are_mended() -> None:
    assert mended("let a = 2 × x") == "let a = 2 * x"
    assert mended("expect a ≥ 3") == "expect a >= 3"
    assert mended("let a = u → u") == "let a = u -> u"
    assert mended("let a = x²") == "let a = x^2"
    assert mended("let a = x¹²") == "let a = x^12"


def test_control_characters_have_names() -> None:
    found = parse(Source("m", "model m\nlet a = \x07\n"))[1].all
    assert "U+0007" in found[0].message
