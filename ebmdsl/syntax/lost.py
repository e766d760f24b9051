"""What a program loses with its broken statements: the names that they may have declared."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.syntax import ast
from ebmdsl.syntax.expected import STARTERS
from ebmdsl.syntax.grammar import tables
from ebmdsl.syntax.lex import Token, first_on_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ebmdsl.source.text import Source, Span

Stretch = tuple[int, int]

_OPENING = {"LPAR", "LSQB"}
_CLOSING = {"RPAR", "RSQB"}
_NAMELESS = {"infer", "predict", "train", "run", "expect", "plot"}
_DECLARING = {word.upper() for word in STARTERS if word not in _NAMELESS} | {"AS"}
_NAMING = _DECLARING - {"COST", "REGULARIZER", "LOSS", "STAGE", "AS"}
_WORD = re.compile(r"[^\W\d]\w*")


@final
@record
class Lost:
    """What the broken statements of a program may have declared."""

    names: frozenset[str] = frozenset()
    is_open: bool = False
    """Whether it may have been any name at all."""


def together(one: Lost | None, other: Lost | None) -> Lost | None:
    """What two programs lost, read as one."""
    if one is None or other is None:
        return one or other
    return Lost(one.names | other.names, is_open=one.is_open or other.is_open)


@final
@record
class Losses:
    """The tokens of a text, and the stretches of it that reading gave up, in order."""

    source: Source
    tokens: Sequence[Token]
    broken: Sequence[Stretch]

    def without(self, file: ast.File, refused: Iterable[Span]) -> ast.File:
        """The program without what is broken or holds a refused span, and what went with it.

        Behind a broken stage nobody knows what belongs into it: all of that goes, too.
        """
        held = _holding(file, refused)
        if not self.broken and not held:
            return file
        gone = {each.span.start for each in held}
        cut = self._broken_stage()
        end = len(self.source.text)
        lost = [*self.broken, *map(_stretch, held), (cut, end)]
        names = frozenset(n for each in lost for n in self._declared(*each))
        note = Lost(names, is_open=any(self._lacks_name(*each) for each in self.broken))
        kept = tuple(
            each
            for each in file.statements
            if each.span.start not in gone and each.span.start < cut
        )
        header, head = file.header, _stretch(file.header)
        if not header.span.text or header in held:
            note = self._without_header(note, head if header in held else self.broken[0])
            header = replace(header, params=(), extends=None)
        return replace(file, header=header, statements=kept, lost=note)

    def _piece(self, start: int, end: int) -> Sequence[Token]:
        first, last = (bisect_left(self.tokens, at, key=_start) for at in (start, end))
        return self.tokens[first:last]

    def _broken_stage(self) -> int:
        """Where the first broken stage starts; the end of the text if none is broken."""
        pieces = (self._piece(*each) for each in self.broken)
        stages = (each.start for piece in pieces for each in piece if each.kind == "STAGE")
        return next(stages, len(self.source.text))

    def _declared(self, start: int, end: int) -> Iterator[str]:
        """The names that broken statements declare, as far as can be told."""
        depth, declares = 0, False
        for token in self._piece(start, end):
            depth = max(0, depth + (token.kind in _OPENING) - (token.kind in _CLOSING))
            if token.kind == "NAME" and not depth:
                declares = declares or first_on_line(self.source, token)
                yield from (token.text,) if declares else ()
            elif token.mistake is not None:
                yield from _WORD.findall(token.text)
            elif token.kind != "COMMA":
                declares = token.kind in _DECLARING

    def _lacks_name(self, start: int, end: int) -> bool:
        """Whether a name is missing that other statements may use."""
        first, *rest = [*self._piece(start, end)[:2], None]
        if first is None or first.kind not in _NAMING or any(self._declared(start, end)):
            return False
        return rest[0] is None or rest[0].text not in tables().keywords

    def _without_header(self, note: Lost, head: Stretch) -> Lost:
        """The loss with that of the header, whose names may all be hyper-parameters."""
        piece = self._piece(*head)
        names = frozenset(each.text for each in piece if each.kind == "NAME")
        inherits = any(each.kind == "EXTENDS" for each in piece)
        unsure = inherits or not names or _lacks_parameter(piece)
        return Lost(note.names | names, is_open=note.is_open or unsure)


def _lacks_parameter(piece: Sequence[Token]) -> bool:
    """Whether a hyper-parameter of a header has a value and no name."""
    return any(
        before.text in ("(", ",") and after.text in ("=", ":")
        for before, after in pairwise(piece)
    )


def _start(token: Token) -> int:
    return token.start


def _stretch(piece: ast.Syntax) -> Stretch:
    return piece.span.start, piece.span.end


def _holding(file: ast.File, refused: Iterable[Span]) -> list[ast.Header | ast.Statement]:
    """The header and the statements in which these spans lie."""
    pieces = [file.header, *file.statements]
    starts = [each.span.start for each in pieces]
    found = {max(0, bisect_right(starts, each.start) - 1) for each in refused}
    return [pieces[number] for number in sorted(found)]
