"""One statement as lines: clauses in order, spaces where they belong, breaks kept."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, final

from ebmdsl._record import record
from ebmdsl.source.cells import width
from ebmdsl.syntax.columns import Row
from ebmdsl.syntax.spacing import Word, space, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ebmdsl.source.text import Source
    from ebmdsl.syntax.lex import Token

INDENT = "    "

_CLAUSES = ("WITH", "INIT", "FROM", "ON")
_UNNAMED = {
    *("use", "report", "infer", "predict", "train", "run", "stage", "expect", "plot"),
    *("}", "#"),
}
_CLOSING = {"RPAR", "RSQB", "RBRACE"}
_SIGNS = {":", "=", "~"}


@final
@record
class Lines:
    """A statement laid out: what may be padded in its first line, and what follows."""

    row: Row
    rest: str
    """What follows the name, or the sign and what follows it, in the first line."""
    more: tuple[str, ...] = ()
    hoisted: tuple[str, ...] = ()
    """Comments that must go before it, because the clauses around them changed places."""

    def first(self, name_at: int, sign_at: int) -> str:
        """The first line with its name and its sign in these columns."""
        row = self.row
        text = row.keyword.ljust(name_at) + row.head if row.head else row.keyword
        return (text.ljust(sign_at + len(text) - width(text)) if row.sign else text) + self.rest


@final
class _Placed(NamedTuple):
    """A word, and whether the user broke the line before it."""

    word: Word
    is_broken: bool


def render(tokens: Sequence[Token], source: Source) -> Lines:
    """Lay one statement out; its first token is its keyword."""
    placed = _placed(tokens, source)
    ordered = _in_order(placed)
    if ordered is None:
        return _render(placed, source)
    hoisted = tuple(each.text.rstrip() for each in tokens if each.kind == "COMMENT")
    made = _render([each for each in ordered if each.word.token.kind != "COMMENT"], source)
    return replace(made, hoisted=hoisted)


def _placed(tokens: Sequence[Token], source: Source) -> list[_Placed]:
    found: list[_Placed] = []
    for number, word in enumerate(words(tokens)):
        before = tokens[number - 1]
        gap = source.text[before.end : word.token.start] if number else ""
        found.append(_Placed(word, "\n" in gap or (number > 0 and before.kind == "COMMENT")))
    return found


def _in_order(placed: list[_Placed]) -> list[_Placed] | None:
    """The statement with its clauses in order, or nothing if they are already."""
    parts: list[list[_Placed]] = [[]]
    for each in placed:
        if _starts_clause(each.word, parts):
            parts.append([])
        parts[-1].append(each)
    head, *clauses = parts
    ordered = sorted(clauses, key=lambda part: _CLAUSES.index(part[0].word.token.kind))
    return None if ordered == clauses else [*head, *(each for part in ordered for each in part)]


def _starts_clause(word: Word, parts: list[list[_Placed]]) -> bool:
    is_clause = word.token.kind in _CLAUSES and word.depth == 0 and not word.is_name
    return is_clause and bool(parts[0]) and parts[0][0].word.token.kind != "NEGATIVE"


def _render(placed: list[_Placed], source: Source) -> Lines:
    breaks = [number for number, each in enumerate(placed) if each.is_broken]
    edges = [0, *breaks, len(placed)]
    first, *more = [placed[start:end] for start, end in pairwise(edges)]
    continued = tuple(_lead(part[0].word) + _text(part) for part in more)
    end = _head_end(first)
    row = _row(first, end, source=source)
    cut = end if row.head else 1
    glue = "" if row.sign or cut >= len(first) else _space(first[cut - 1], first[cut])
    return Lines(row, glue + _text(first[cut:]), continued)


def _lead(first: Word) -> str:
    """The indent of a line that goes on: as deep as its brackets, but not at the margin."""
    return INDENT * (first.depth if first.token.kind in _CLOSING else max(1, first.depth))


def _text(part: list[_Placed]) -> str:
    pieces = [part[0].word.token.text] if part else []
    for left, right in pairwise(part):
        pieces += [_space(left, right), right.word.token.text]
    return "".join(pieces).rstrip()


def _space(left: _Placed, right: _Placed) -> str:
    return "  " if right.word.token.kind == "COMMENT" else space(left.word, right.word)


def _head_end(line: list[_Placed]) -> int:
    """Where the name of a statement, with its plate or parameters, ends."""
    if len(line) < 2 or line[0].word.token.text in _UNNAMED:
        return 1
    opens = line[2].word.token.kind if len(line) > 2 else ""
    is_func = line[0].word.token.kind == "FUNC"
    if opens != ("LPAR" if is_func else "LSQB"):
        return 2
    closing = (n for n, each in enumerate(line[3:], 3) if each.word.depth == 0)
    return next(closing, len(line) - 1) + 1


def _row(line: list[_Placed], end: int, *, source: Source) -> Row:
    keyword = line[0].word.token
    if end == 1:
        return Row(keyword.text, "", "", 0, 0, is_name_padded=False, is_sign_padded=False)
    name, last = line[1].word.token, line[end - 1].word.token
    sign = line[end].word.token if end < len(line) else None
    has_sign = sign is not None and sign.text in _SIGNS
    return Row(
        keyword.text,
        _text(line[1:end]),
        sign.text if sign and has_sign else "",
        name_at=name.start - keyword.start,
        sign_at=width(source.text[keyword.start : sign.start]) if sign else 0,
        is_name_padded=name.start > keyword.end + 1,
        is_sign_padded=sign is not None and sign.start > last.end + 1,
    )
