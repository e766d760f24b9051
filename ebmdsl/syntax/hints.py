"""Where the parser is stuck: which mistake it is, in words that a user knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.source.diagnostic import Fix
from ebmdsl.source.suggest import suggest
from ebmdsl.syntax.expected import STARTERS, describe
from ebmdsl.syntax.grammar import tables
from ebmdsl.syntax.lex import BAD, END, Token, first_on_line
from ebmdsl.syntax.mistakes import (
    ChainedComparison,
    MissingModel,
    ReservedWord,
    UnclosedBracket,
    Unexpected,
    UnknownKeyword,
    UnopenedBracket,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ebmdsl.source.mistake import Mistake
    from ebmdsl.source.text import Source, Span

_CLOSING = {"LPAR": ")", "LSQB": "]", "LBRACE": "}"}
_OPENING = {"RPAR": "LPAR", "RSQB": "LSQB", "RBRACE": "LBRACE"}
_JOINING = {"BY", "WITH", "INIT", "FROM", "ON", "AS", "IN", "EXTENDS"}
_FOREIGN = {
    "lambda": "a function is written `u -> u^2`",
    "and": "state each condition in a line of its own",
    "or": "use `max` or `min` of two numbers",
    "not": "write the opposite comparison",
    "if": "there are no branches: use `abs`, `max`, `min` or a schedule",
    "for": "an index is bound in brackets: `cost move[t in 1..T] = …`",
    "import": "`use` brings in another model, `extends` starts from one",
    "def": "a function is written `func huber(u) = …`",
}


@final
@record
class Stuck:
    """The token that has no place, the statement it stands in, and what could stand there."""

    source: Source
    tokens: list[Token]
    begin: int
    index: int
    expected: frozenset[str]

    @property
    def token(self) -> Token:
        """The token that has no place."""
        return self.tokens[self.index]

    @property
    def last(self) -> Token:
        """The token before it."""
        return self.tokens[max(0, self.index - 1)]

    @property
    def next(self) -> Token:
        """The token behind it; the last one has none."""
        return self.tokens[min(self.index + 1, len(self.tokens) - 1)]

    @property
    def lacks_comma(self) -> bool:
        """Whether the next argument or setting stands here without a comma before it."""
        return "COMMA" in self.expected and self.next.kind == "EQUAL"

    @property
    def is_between_lines(self) -> bool:
        """Whether the statement just ends, where more should come."""
        follows = self.index > self.begin
        starts = self.token.kind == END or first_on_line(self.source, self.token)
        endings = {END, *tables().keywords.values()} - {"MODEL"}
        return follows and starts and self.token.kind in endings

    @property
    def span(self) -> Span:
        """The token that has no place."""
        return self.token.span(self.source)

    def open_brackets(self) -> list[Token]:
        """The brackets of the statement that are still open, outermost first."""
        found: list[Token] = []
        for token in self.tokens[self.begin : self.index]:
            if token.kind in _CLOSING:
                found.append(token)
            elif token.kind in _OPENING and found:
                found.pop()
        return found


def explain(stuck: Stuck) -> Mistake:
    """The mistake that most likely was made."""
    for hint in _HINTS:
        if found := hint(stuck):
            return found
    return _unexpected(stuck)


def _bad_token(stuck: Stuck) -> Mistake | None:
    return stuck.token.mistake if stuck.token.kind == BAD else None


def _no_model(stuck: Stuck) -> Mistake | None:
    if stuck.index > 0 or stuck.token.kind == "MODEL":
        return None
    stem = stuck.source.name.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".ebm")
    name = stem if stem.isidentifier() and stem not in tables().keywords else "my_model"
    is_misspelt = suggest(stuck.token.text, ("model", *STARTERS)) == "model"
    return MissingModel(stuck.span, name, is_misspelt and stuck.token.kind == "NAME")


def _never_closed(stuck: Stuck) -> Mistake | None:
    opened = stuck.open_brackets() or _stage(stuck)
    if not opened:
        return None
    met, bracket = stuck.token, opened[-1]
    text = "a new statement starts here" if stuck.is_between_lines else ""
    if met.kind in _OPENING and _OPENING[met.kind] != bracket.kind:
        text = "this closes another kind of bracket"
    if not text:
        return None
    closing = _CLOSING[bracket.kind]
    end = stuck.last.end if stuck.is_between_lines and len(opened) == 1 else -1
    return UnclosedBracket(bracket.span(stuck.source), closing, stuck.span, text, end)


def _stage(stuck: Stuck) -> list[Token]:
    """The braces of stages that are still open at the end of the file."""
    if stuck.token.kind != END or "RBRACE" not in stuck.expected:
        return []
    return Stuck(stuck.source, stuck.tokens, 0, stuck.index, stuck.expected).open_brackets()


def _closes_nothing(stuck: Stuck) -> Mistake | None:
    opening = _OPENING.get(stuck.token.kind)
    opened = [each.kind for each in stuck.open_brackets()]
    return UnopenedBracket(stuck.span) if opening and opening not in opened else None


def _second_comparison(stuck: Stuck) -> Mistake | None:
    if stuck.token.kind != "COMPARISON":
        return None
    inside = len(stuck.open_brackets())
    before = stuck.tokens[stuck.begin : stuck.index]
    return ChainedComparison(stuck.span) if _compares(before, inside) else None


def _compares(tokens: list[Token], depth: int) -> bool:
    found, level = False, 0
    for token in tokens:
        level += (token.kind in _CLOSING) - (token.kind in _OPENING)
        found = level >= depth and (found or (level == depth and token.kind == "COMPARISON"))
    return found


def _keyword_as_argument(stuck: Stuck) -> Mistake | None:
    is_first = stuck.tokens[max(0, stuck.index - 2)].kind in {"LPAR", "COMMA"}
    is_open = bool(stuck.open_brackets()) and stuck.expected == frozenset({"EQUAL"})
    is_keyword = stuck.last.text in tables().keywords
    return (
        ReservedWord(stuck.last.span(stuck.source))
        if is_first and is_open and is_keyword
        else None
    )


def _keyword_as_name(stuck: Stuck) -> Mistake | None:
    is_keyword = stuck.token.text in tables().keywords
    if stuck.is_between_lines or not is_keyword or "NAME" not in stuck.expected:
        return None
    if stuck.token.kind in _JOINING and stuck.next.kind in {"NAME", "STRING"}:
        return None
    return ReservedWord(stuck.span)


def _no_keyword(stuck: Stuck) -> Mistake | None:
    token, known = stuck.token, STARTERS
    if token.kind != "NAME" or "DATA" not in stuck.expected:
        return None
    if not first_on_line(stuck.source, token):
        return None
    meant = suggest(token.text, known)
    hint = _FOREIGN.get(token.text, "")
    is_value = stuck.tokens[stuck.index + 1].kind == "EQUAL" and not meant
    if is_value:
        hint = f"name a value with `let {token.text} = …`"
    if not hint and not meant:
        hint = "every statement starts with a keyword, as `latent`, `let`, `cost` or `infer`"
    return UnknownKeyword(stuck.span, meant, hint, is_value)


_HINTS: tuple[Callable[[Stuck], Mistake | None], ...] = (
    _bad_token,
    _no_model,
    _never_closed,
    _closes_nothing,
    _second_comparison,
    _keyword_as_argument,
    _keyword_as_name,
    _no_keyword,
)


def _unexpected(stuck: Stuck) -> Mistake:
    wanted = describe(stuck.expected)
    last = stuck.last
    if stuck.is_between_lines and last.kind in {"ON", "DOT"}:
        wanted = "a name"
    if stuck.is_between_lines:
        return Unexpected(last.span(stuck.source), f"expected {wanted} after `{_shown(last)}`")
    found = "the end of the file" if stuck.token.kind == END else f"`{_shown(stuck.token)}`"
    return Unexpected(
        stuck.span, f"expected {wanted}, found {found}", _habit(stuck), _mended(stuck)
    )


def _shown(token: Token) -> str:
    return token.text if len(token.text) <= 30 else f"{token.text[:29]}…"


def _mended(stuck: Stuck) -> Fix | None:
    """What a user of another language meant, written in this one."""
    token, last, source = stuck.token, stuck.last, stuck.source
    both = source.span(last.start, token.end)
    between = source.span(last.end, token.start)
    match last.text, token.text:
        case "*", "*" if not between.text:
            return Fix(both, "^", safe=True)
        case _ if comment := _foreign_comment(stuck):
            return Fix(comment, "#", safe=True)
        case _, "=" if stuck.tokens[stuck.begin].kind == "EXPECT":
            return Fix(stuck.span, "==", safe=False)
        case _, "+" if "NUMBER" in stuck.expected:
            return Fix(stuck.span, "", safe=True)
        case _ if stuck.lacks_comma:
            return Fix(source.span(last.end, last.end), ",", safe=False)
        case _ if last.kind == "NUMBER" and token.kind == "NAME":
            return Fix(between, " * ", safe=False)
        case _:
            return None


def _foreign_comment(stuck: Stuck) -> Span | None:
    """The `//` or the three quotes at the start of a line."""
    for token in (stuck.last, stuck.token):
        if begins_comment(stuck.source, token):
            length = 2 if token.text == "/" else 3
            return stuck.source.span(token.start, token.start + length)
    return None


def begins_comment(source: Source, token: Token) -> bool:
    """Whether a token is meant to begin a comment, as in other languages."""
    return source.text.startswith(("//", '"""'), token.start) and first_on_line(source, token)


def _habit(stuck: Stuck) -> str:
    """What a user of another language may have meant."""
    token, last = stuck.token, stuck.last
    match last.text, token.text:
        case "*", "*":
            return "a power is written `u^2`"
        case "/", "/":
            return "a comment starts with `#`"
        case _ if _foreign_comment(stuck):
            return "a comment starts with `#`"
        case _, "+" if stuck.next.text == "=":
            return f"a name is given once: write `{last.text} = …`"
        case _, "+" if "NUMBER" in stuck.expected:
            return "a number needs no sign `+`"
        case _, "model":
            return "one file is one model"
        case _ if stuck.lacks_comma:
            return f"write `{last.text}, {token.text} = …`"
        case left, right if last.kind == "NUMBER" and token.kind == "NAME":
            return f"write `{left} * {right}`"
        case _:
            return _FOREIGN.get(token.text) or _FOREIGN.get(last.text) or _other_notation(stuck)


def _other_notation(stuck: Stuck) -> str:
    """What is written in another way here."""
    token, last = stuck.token, stuck.last
    behind = [each.text for each in stuck.tokens[stuck.index + 1 : stuck.index + 3]]
    if stuck.open_brackets() and token.text == ":":
        return "a range is written `1..3`, an argument `name = value`"
    if any(each.text == "range" for each in stuck.tokens[stuck.begin : stuck.index]):
        return "a range is written `1..3`"
    if token.text == "=" and stuck.tokens[stuck.begin].kind == "EXPECT":
        return "equality is written `==`"
    if token.text == "," and behind[1:] == ["->"]:
        return f"write `({last.text}, {behind[0]}) -> …`"
    return ""
