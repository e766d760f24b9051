"""The layout of a program: one statement a line, in paragraphs with columns.

Line breaks inside a statement stay where the user made them; so do single blank lines.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.source.cells import width
from ebmdsl.syntax import ast
from ebmdsl.syntax.columns import columns
from ebmdsl.syntax.lex import Token, lex
from ebmdsl.syntax.statement import INDENT, Lines, render

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ebmdsl.source.text import Source


@final
@dataclass(slots=True)
class _Item:
    """A statement, the brace that ends a stage, or a comment on lines of its own."""

    indent: int
    tokens: list[Token]
    is_after_blank: bool = False
    trailing: Token | None = None
    lines: Lines = field(init=False)

    @property
    def is_comment(self) -> bool:
        """Whether it is nothing but a comment."""
        return self.tokens[0].kind == "COMMENT"


def lay_out(file: ast.File, source: Source) -> str:
    """The whole program in canonical layout."""
    tokens = lex(source)
    items = list(_items(tokens, _edges(file), source=source))
    for item in items:
        item.lines = render(item.tokens, source)
    paragraphs = [_paragraph(each, source) for each in _paragraphs(items)]
    return "\n".join(line.text for each in paragraphs for line in each).strip("\n") + "\n"


_Edges = dict[int, tuple[int, int]]
"""Where items start: their indent, and where they end, or -1 for after the next `{`."""


def _edges(file: ast.File) -> _Edges:
    header = file.header.span
    found: _Edges = {header.start: (0, header.end)}
    _add_edges(file.statements, found, indent=0)
    return found


def _add_edges(statements: Sequence[ast.Statement], found: _Edges, *, indent: int) -> None:
    for each in statements:
        found[each.span.start] = indent, each.span.end
        if isinstance(each, ast.Stage):
            found[each.span.start] = indent, -1
            found[each.span.end - 1] = indent, each.span.end
            _add_edges(each.statements, found, indent=indent + 1)


def _items(tokens: list[Token], edges: _Edges, *, source: Source) -> Iterator[_Item]:
    """Statements and comments, in order."""
    items: list[_Item] = []
    last, end = None, 0
    for token in tokens[:-1]:
        gap = source.text[last.end : token.start] if last else "\n"
        is_inside = end < 0 or token.start < end
        if token.start in edges:
            indent, end = edges[token.start]
            items.append(_Item(indent, [token], is_after_blank=_is_blank(gap)))
        elif token.kind != "COMMENT" or is_inside:
            items[-1].tokens.append(token)
            end = token.end if end < 0 and token.kind == "LBRACE" else end
        elif "\n" in gap or items[-1].is_comment:
            items.append(_Item(-1, [token], is_after_blank=_is_blank(gap)))
        else:
            items[-1].trailing = token
        last = token
    return _settled(items)


def _is_blank(gap: str) -> bool:
    return gap.count("\n") > 1


def _settled(items: list[_Item]) -> Iterator[_Item]:
    """Items with every comment as deep as what it stands before; braces hold no blank line."""
    indent = 0
    for before, item in zip([None, *items][::-1][1:], items[::-1], strict=True):
        if item.indent < 0:
            item.indent = indent
        is_end = item.tokens[0].kind == "RBRACE"
        opens = before is not None and before.tokens[-1].kind == "LBRACE"
        item.is_after_blank = item.is_after_blank and not is_end and not opens
        indent = item.indent + is_end
    return iter(items)


@final
@record
class _Line:
    """A line of the result with the comment that ends it, and where that stood."""

    text: str
    comment: str = ""
    at: int = -1


def _paragraphs(items: list[_Item]) -> list[list[_Item]]:
    found: list[list[_Item]] = []
    for item in items:
        is_new = not found or item.is_after_blank or item.indent != found[-1][-1].indent
        if is_new:
            found.append([])
        found[-1].append(item)
    return found


def _paragraph(items: list[_Item], source: Source) -> Iterator[_Line]:
    if items[0].is_after_blank:
        yield _Line("")
    statements = [item for item in items if not item.is_comment]
    placed = columns([item.lines.row for item in statements])
    where = {id(item): columns_ for item, columns_ in zip(statements, placed, strict=True)}
    lines = [
        line for item in items for line in _lines(item, where.get(id(item)), source=source)
    ]
    yield from _aligned(lines)


def _lines(item: _Item, where: tuple[int, int] | None, *, source: Source) -> Iterator[_Line]:
    lead = INDENT * item.indent
    if where is None:
        yield _Line(lead + item.tokens[0].text.rstrip())
        return
    yield from (_Line(lead + comment) for comment in item.lines.hoisted)
    *most, last = [item.lines.first(*where), *item.lines.more]
    yield from (_Line(lead + text) for text in most)
    comment, at = _trailing(item, source)
    yield _Line(lead + last, comment, at)


def _trailing(item: _Item, source: Source) -> tuple[str, int]:
    """The comment that ends an item, and its column if it was padded to stand there."""
    token = item.trailing
    if token is None:
        return "", -1
    line = source.starts[source.position(token.start)[0] - 1]
    before = source.text[line : token.start]
    return token.text.rstrip(), width(before) if before.endswith("  ") else -1


def _aligned(lines: list[_Line]) -> Iterator[_Line]:
    """Lines with their comments; comments that stood in one column stay in one column."""
    at: dict[int, int] = {}
    for line in lines:
        if line.comment:
            at[line.at] = max(line.at, at.get(line.at, 0), width(line.text) + 2)
    for line in lines:
        place = at.get(line.at, 0) if line.at >= 0 else width(line.text) + 2
        padding = " " * (place - width(line.text)) if line.comment else ""
        yield _Line(line.text + padding + line.comment)
