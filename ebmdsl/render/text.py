"""Sections of a report in a terminal: labels at the left, wrapped paragraphs at the right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import category, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GAP = 2
_WIDEST_LABEL = 14
_HANGING = 2
_PIECES = re.compile(r"(\s*)(\S+)")


def sections(
    title: str, sections: Sequence[tuple[str, Sequence[str]]], *, width: int = 88
) -> str:
    """Write a title and labelled sections; paragraphs line up beside their label.

    >>> print(sections("psd", [("chosen", ["one", "two"]), ("next", ["ebmc train"])]), end="")
    psd
    <BLANKLINE>
    chosen  one
            two
    next    ebmc train
    """
    labels = [columns(label) for label, _ in sections if columns(label) <= _WIDEST_LABEL]
    indent = max(labels, default=0) + _GAP
    lines = [*wrapped(title, width), ""]
    for label, paragraphs in sections:
        lines += _section(label, paragraphs, indent=indent, width=width)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _section(
    label: str, paragraphs: Sequence[str], *, indent: int, width: int
) -> Iterator[str]:
    body = [
        line for text in paragraphs for line in wrapped(text, width - indent, hanging=_HANGING)
    ]
    beside = columns(label) + _GAP <= indent
    if not beside or not body:
        yield label
    for number, line in enumerate(body):
        head = label if beside and number == 0 else ""
        yield head + " " * (indent - columns(head)) + line


def wrapped(text: str, width: int, *, hanging: int = 0) -> list[str]:
    """Break a text into lines of so many columns; its spaces and its indent stay.

    >>> wrapped("a proximal step", 10, hanging=2)
    ['a proximal', '  step']
    """
    room = max(width, 8)
    return [line for part in text.split("\n") for line in _broken(part, room, hanging=hanging)]


def _broken(text: str, width: int, *, hanging: int) -> list[str]:
    indent = text[: len(text) - len(text.lstrip())]
    lines = [""]
    for space, word in _PIECES.findall(text):
        gap = space if lines != [""] else indent
        if columns(lines[-1] + gap + word) <= width or not lines[-1].strip():
            lines[-1] += gap + word
        else:
            lines.append(" " * hanging + indent + word)
    return lines


def columns(text: str) -> int:
    """Count the columns that a text takes in a terminal.

    >>> columns("ẑ"), columns("x̂"), columns("能量")
    (1, 1, 4)
    """
    return sum(_columns_of(letter) for letter in text)


def _columns_of(letter: str) -> int:
    if category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1
