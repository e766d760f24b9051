"""Colors for terminals, used only when asked for."""

from __future__ import annotations

from typing import final

from ebmdsl._record import record

_CODES = {
    "error": "1;31",
    "warning": "1;33",
    "label": "34",
    "gutter": "34",
    "note": "1;36",
    "help": "1;32",
    "fix": "32",
    "bold": "1",
}


@final
@record
class Paint:
    """Wraps text in ANSI codes, or leaves it plain."""

    color: bool

    def __call__(self, text: str, style: str) -> str:
        """Paint a text in a style."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.color and text else text

    def gutter(self, text: str) -> str:
        """Paint what stands left of the code."""
        return self(text, "gutter")
