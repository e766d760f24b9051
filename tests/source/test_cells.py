"""Characters and cells."""

from __future__ import annotations

from ebmdsl.source.cells import visible, width


def test_cells() -> None:
    assert visible("a\tb\x00\u200b\u2028") == "a    b␀\ufffd\ufffd"
    assert [width(text) for text in ("ab", "λ", "能", "ŷ", "y\u0302")] == [2, 1, 2, 1, 1]
