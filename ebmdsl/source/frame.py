"""The code frame of a diagnostic: the lines it is about, with marks and labels below."""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.source.cells import visible, width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ebmdsl.source.diagnostic import Fix
    from ebmdsl.source.paint import Paint
    from ebmdsl.source.text import Source, Span

MAX_LINE = 160
BEFORE = 60


@final
@record
class Mark:
    """A stretch to underline, the sign to do it with, and what to say there."""

    span: Span
    sign: str
    text: str
    style: str


@final
@record
class _Cells:
    """A mark on its line, in cells."""

    start: int
    end: int
    mark: Mark


def frame(marks: Sequence[Mark], paint: Paint, *, gutter: int) -> Iterator[str]:
    """The marked lines of one source, in order, with `:` where lines are left out."""
    ordered = sorted(marks, key=lambda mark: (mark.span.line, mark.span.start))
    groups = [(line, list(found)) for line, found in groupby(ordered, lambda m: m.span.line)]
    last = 0
    for line, found in groups:
        if last and line > last + 1:
            yield paint.gutter(" " * gutter + " :")
        yield from _lines(line, found, paint=paint, gutter=gutter)
        last = line


def _lines(line: int, marks: list[Mark], *, paint: Paint, gutter: int) -> Iterator[str]:
    source = marks[0].span.source
    first = _window(marks[0])
    yield _code(line, _shown(source, line, first=first), paint=paint, gutter=gutter)
    placed = [_cells(mark, first) for mark in marks]
    for row in _rows(placed, paint):
        yield paint.gutter(" " * gutter + " |") + f" {row}"


def _code(line: int, text: str, *, paint: Paint, gutter: int) -> str:
    return (paint.gutter(f"{line:>{gutter}} |") + f" {text}").rstrip()


def _window(mark: Mark) -> int:
    """The first character shown of a line, so that a mark in a very long line is seen."""
    source, line = mark.span.source, mark.span.line
    column = mark.span.start - source.starts[line - 1]
    return 0 if source.width(line) <= MAX_LINE else max(0, column - BEFORE)


def _shown(source: Source, line: int, *, first: int) -> str:
    cut = visible(source.piece(line, first, last=first + MAX_LINE))
    has_more = source.piece(line, first + MAX_LINE, last=first + MAX_LINE + 1) != ""
    return ("…" if first else "") + cut + ("…" if has_more else "")


def _cells(mark: Mark, first: int) -> _Cells:
    """Where a mark stands; one that goes on in other lines ends with its first line."""
    source, line = mark.span.source, mark.span.line
    text, offset = (
        source.piece(line, first, last=first + MAX_LINE),
        source.starts[line - 1] + first,
    )
    start, end = (
        max(0, min(at - offset, len(text))) for at in (mark.span.start, mark.span.end)
    )
    left = width(visible(text[:start])) + bool(first)
    return _Cells(left, left + max(1, width(visible(text[start:end]))), mark)


def _rows(placed: list[_Cells], paint: Paint) -> Iterator[str]:
    """The row of marks, with the last text beside it, then a row for each other text."""
    placed = sorted(placed, key=lambda cells: cells.start)
    *others, last = placed
    text = f" {paint(visible(last.mark.text), last.mark.style)}" if last.mark.text else ""
    yield _underline(placed, paint) + text
    waiting = [cells for cells in others if cells.mark.text]
    while waiting:
        *waiting, cells = waiting
        bars = _bars(waiting, paint)
        yield bars(cells.start) + paint(visible(cells.mark.text), cells.mark.style)


def _underline(placed: list[_Cells], paint: Paint) -> str:
    row, at = "", 0
    for cells, after in pairwise([*placed, None]):
        if cells is None or cells.start < at:
            continue
        end = cells.end if after is None else max(cells.start + 1, min(cells.end, after.start))
        row += " " * (cells.start - at) + paint(
            cells.mark.sign * (end - cells.start), cells.mark.style
        )
        at = end
    return row


@final
@record
class _Bars:
    waiting: list[_Cells]
    paint: Paint

    def __call__(self, end: int) -> str:
        row, at = "", 0
        for cells in self.waiting:
            row += " " * (cells.start - at) + self.paint("|", cells.mark.style)
            at = cells.start + 1
        return row + " " * (end - at)


def _bars(waiting: list[_Cells], paint: Paint) -> _Bars:
    return _Bars(waiting, paint)


def suggestion(fix: Fix, paint: Paint, *, gutter: int) -> Iterator[str]:
    """The lines as they are after a fix, with the replacement underlined."""
    source, first = fix.span.source, fix.span.line
    last, _ = source.position(fix.span.end)
    column = fix.span.start - source.starts[first - 1]
    cut = max(0, column - BEFORE) if source.width(first) > MAX_LINE else 0
    before = "…" * bool(cut) + source.piece(first, cut, last=column)
    column = fix.span.end - source.starts[last - 1]
    after = source.piece(last, column, last=column + MAX_LINE - BEFORE)
    new = fix.replacement.split("\n")
    for number, text in enumerate(new):
        lead = before if number == 0 else ""
        rest = after if number == len(new) - 1 else ""
        yield _code(first + number, visible(lead + text + rest), paint=paint, gutter=gutter)
        sign = "~" if fix.span.text else "+"
        marks = " " * width(visible(lead)) + paint(sign * width(visible(text)), "fix")
        yield (paint.gutter(" " * gutter + " |") + f" {marks}").rstrip()
