"""Where the comments of a program silence warnings."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from ebmdsl.source.silencer import Silencer, UnknownSilencer
from ebmdsl.source.text import Span
from ebmdsl.syntax import ast
from ebmdsl.syntax.lex import Token, first_on_line, lex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ebmdsl.source.mistake import Mistake
    from ebmdsl.source.text import Source

_MARK = re.compile(r"#+\s*ebm:")
_SILENCER = re.compile(r"#+(?P<all>\s*ebm:\s*ignore\s*\[(?P<ids>[^\[\]]*)\])\s*(?P<why>.*)")
_ID = re.compile(r"[^\s,]+")
_Lines = tuple[int, int]


def silencers(source: Source, file: ast.File) -> tuple[Silencer, ...]:
    """Every id that a comment of this program silences, with its lines."""
    extents = _extents(file) if "ebm:" in source.text else []
    return tuple(
        silencer
        for comment in _comments(source)
        for silencer in _read(comment, source, lines=_held(comment, source, extents=extents))
    )


def strange_silencers(
    source: Source, found: Iterable[Silencer], *, severities: Mapping[str, str]
) -> Iterator[Mistake]:
    """A mistake for every silencer that names no warning, or names nothing at all."""
    known = tuple(id for id, severity in severities.items() if severity == "warning")
    for each in found:
        if each.id not in known:
            yield UnknownSilencer(each.span, known, is_error=each.id in severities)
    for comment in _comments(source):
        match = _SILENCER.match(comment.text)
        if match is None or not _ID.search(match["ids"]):
            yield UnknownSilencer(_trimmed(comment, source), known)


def _comments(source: Source) -> Iterator[Token]:
    if "ebm:" in source.text:
        yield from (
            each for each in lex(source) if each.kind == "COMMENT" and _MARK.match(each.text)
        )


def _trimmed(comment: Token, source: Source) -> Span:
    return Span(source, comment.start, comment.start + len(comment.text.rstrip()))


def _extents(file: ast.File) -> list[tuple[int, int]]:
    """Where the header and the statements start and end, in order."""
    found = [(file.header.span.start, file.header.span.end)]
    pending = list(file.statements)
    for each in pending:
        found.append((each.span.start, each.span.end))
        pending.extend(each.statements if isinstance(each, ast.Stage) else ())
    return sorted(found)


def _held(comment: Token, source: Source, *, extents: list[tuple[int, int]]) -> _Lines:
    """The lines on which a comment holds, besides its own."""
    if not extents or comment.end <= extents[0][0]:
        return 1, len(source.starts)
    line, _ = source.position(comment.start)
    if not first_on_line(source, comment):
        return line, line
    after = bisect_right(extents, (comment.start, 0))
    around = [each for each in extents[max(0, after - 1) : after] if comment.start < each[1]]
    for start, end in around + extents[after : after + 1]:
        if _is_whole(start, end, source=source, comment=comment):
            return source.position(start)[0], source.position(end)[0]
    return line, line


def _is_whole(start: int, end: int, *, source: Source, comment: Token) -> bool:
    """Whether a statement is meant: a stage around the comment is not."""
    is_around = start < comment.start < end
    return not (is_around and source.text.startswith("stage", start))


def _read(comment: Token, source: Source, *, lines: _Lines) -> Iterator[Silencer]:
    match = _SILENCER.match(comment.text)
    ids = list(_ID.finditer(comment.text, *match.span("ids"))) if match else []
    for number, each in enumerate(ids):
        start, end = comment.start + each.start(), comment.start + each.end()
        if len(ids) == 1 and match is not None:
            rest = _alone(comment, source, match=match)
        elif number == 0:
            rest = Span(source, start, comment.start + ids[1].start())
        else:
            rest = Span(source, comment.start + ids[number - 1].end(), end)
        yield Silencer(each.group(), Span(source, start, end), *lines, rest)


def _alone(comment: Token, source: Source, *, match: re.Match[str]) -> Span:
    """What goes with the only id: not the reason behind it, but a line of its own."""
    if match["why"].strip():
        begin, stop = match.span("all")
        return Span(source, comment.start + begin, comment.start + stop)
    line, _ = source.position(comment.start)
    start = source.starts[line - 1]
    before = source.text[start : comment.start].rstrip()
    if before:
        return Span(source, start + len(before), comment.end)
    return Span(source, start, min(comment.end + 1, len(source.text)))
