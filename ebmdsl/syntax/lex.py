"""Text to tokens."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, final
from unicodedata import decomposition, normalize

from ebmdsl.source.text import Source, Span
from ebmdsl.syntax.grammar import tables
from ebmdsl.syntax.spelling import Superscript, UnclosedText, UnknownCharacter

if TYPE_CHECKING:
    from ebmdsl.source.mistake import Mistake

BAD = "$BAD"
END = "$END"


@final
class Token(NamedTuple):
    """A word of the text: its terminal, its text and where it stands."""

    kind: str
    text: str
    start: int
    end: int
    mistake: Mistake | None = None

    def span(self, source: Source) -> Span:
        """Where the token stands."""
        return Span(source, self.start, self.end)


@cache
def _matcher() -> re.Pattern[str]:
    return re.compile(tables().pattern + r'|(?P<_OPEN>"[^\n]*)|(?P<_OTHER>.)')


def lex(source: Source) -> list[Token]:
    """Every token and comment of a text, and one of kind `$END` last."""
    keywords = tables().keywords
    found: list[Token] = []
    for match in _matcher().finditer(source.text):
        kind, text = match.lastgroup or "", match.group()
        if kind == "NAME":
            kind = keywords.get(text, kind)
        if kind != "SPACE":
            token = Token(kind, text, match.start(), match.end())
            found.append(_judge(token, source) if _is_suspect(token) else token)
    end = len(source.text)
    return [*found, Token(END, "", end, end)]


def _is_suspect(token: Token) -> bool:
    kind = token.kind
    return kind in {"_OPEN", "_OTHER"} or (kind == "NAME" and not token.text.isascii())


def _judge(token: Token, source: Source) -> Token:
    span = token.span(source)
    if token.kind == "_OPEN":
        return token._replace(kind=BAD, mistake=UnclosedText(span))
    if token.kind == "_OTHER":
        return token._replace(kind=BAD, mistake=UnknownCharacter(span))
    raised = [number for number, each in enumerate(token.text) if _is_raised(each)]
    if raised:
        return token._replace(kind=BAD, mistake=_superscript(span, raised))
    return _normal(token, span)


def _is_raised(character: str) -> bool:
    return decomposition(character).startswith("<super>")


def _superscript(name: Span, raised: list[int]) -> Superscript:
    """The first unbroken run of raised characters in a name."""
    first = raised[0]
    length = sum(place == first + number for number, place in enumerate(raised))
    start = name.start + first
    return Superscript(Span(name.source, start, start + length))


def _normal(token: Token, span: Span) -> Token:
    text = normalize("NFKC", token.text)
    if not text.isidentifier():
        return token._replace(kind=BAD, mistake=UnknownCharacter(span))
    return token._replace(kind=tables().keywords.get(text, "NAME"), text=text)


def first_on_line(source: Source, token: Token) -> bool:
    """Whether only space stands before a token on its line."""
    text, at = source.text, token.start - 1
    while at >= 0 and text[at] != "\n" and text[at].isspace():
        at -= 1
    return at < 0 or text[at] == "\n"
