"""A source text and the places in it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import field
from typing import final

from ebmdsl._record import record


@final
@record
class Source:
    """A text with the name under which its mistakes are reported."""

    name: str
    text: str
    starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = [0]
        end = self.text.find("\n")
        while end >= 0:
            starts.append(end + 1)
            end = self.text.find("\n", end + 1)
        object.__setattr__(self, "starts", tuple(starts))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both counted from 1."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The line with this number, counted from 1, without its end."""
        if not 1 <= number <= len(self.starts):
            return ""
        return self.piece(number, 0, last=len(self.text))

    def width(self, number: int) -> int:
        """How many characters a line has, with its end."""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return end - self.starts[number - 1]

    def piece(self, number: int, first: int, *, last: int) -> str:
        """The characters of a line from `first` up to, but not including, `last`."""
        start = self.starts[number - 1]
        end = start + min(last, self.width(number))
        return self.text[start + first : end].rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        """The stretch of characters `start` up to, but not including, `end`."""
        return Span(self, start, end)


@final
@record
class Span:
    """A stretch of a source: characters `start` up to, but not including, `end`."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line where it starts, counted from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """The column where it starts, counted from 1 in characters."""
        return self.source.position(self.start)[1]

    @property
    def text(self) -> str:
        """The characters it covers."""
        return self.source.text[self.start : self.end]

    def join(self, other: Span) -> Span:
        """The shortest stretch that covers both."""
        return Span(self.source, min(self.start, other.start), max(self.end, other.end))

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"


NOWHERE = Span(Source("", ""), 0, 0)
"""The place of what no user wrote."""
