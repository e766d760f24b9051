"""How text fills the cells of a terminal."""

from __future__ import annotations

from unicodedata import category, east_asian_width

TAB = 4


def visible(text: str) -> str:
    """A text in which nothing can move the cursor, hide or reorder what is written."""
    return text if text.isascii() and text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character == "\t":
        return " " * TAB
    if character < " " or character == "\x7f":
        return chr(0x2400 + min(ord(character), 33))
    return "�" if category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else character


def width(text: str) -> int:
    """How many cells a visible text fills."""
    return len(text) if text.isascii() else sum(map(_width, text))


def _width(character: str) -> int:
    if category(character) in {"Mn", "Me"}:
        return 0
    return 2 if east_asian_width(character) in {"W", "F"} else 1
