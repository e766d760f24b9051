"""Colors."""

from __future__ import annotations

from ebmdsl.source.paint import Paint


def test_text_is_painted_only_when_asked() -> None:
    assert Paint(color=False)("x", "error") == "x"
    assert Paint(color=True)("x", "error") == "\x1b[1;31mx\x1b[0m"
    assert Paint(color=True)("", "error") == ""
