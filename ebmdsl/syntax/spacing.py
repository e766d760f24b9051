"""Where a space stands between two words of a statement."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple, final

from ebmdsl.syntax.grammar import tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ebmdsl.syntax.lex import Token

RANGE, ARROW, PIPE = "..", "->", "|>"

_ATOMS = {"NAME", "NUMBER", "PERCENT", "STRING", "RPAR", "RSQB"}
_OPENING = {"LPAR", "LSQB", "LBRACE"}
_CLOSING = {"RPAR", "RSQB", "RBRACE"}
_BINARY = {"PLUS", "MINUS", "PRODUCT"}
_GLUED = {"DOT", "POWER"}


@final
class Word(NamedTuple):
    """A token in its statement: how deep it stands, and how it binds."""

    token: Token
    depth: int
    is_name: bool
    """Whether it is an operand: a keyword may be the name of an argument or a field."""
    is_sign: bool
    """Whether it is a minus before a number, not between two."""
    is_tight: bool
    """Whether sums are written without spaces here: in subscripts and ranges."""


def words(tokens: Sequence[Token]) -> list[Word]:
    """The tokens of one statement with what their spacing depends on."""
    plain = [each for each in tokens if each.kind != "COMMENT"]
    tight = _tight(plain)
    found: list[Word] = []
    depth = number = 0
    for token in tokens:
        if token.kind == "COMMENT":
            found.append(Word(token, depth, is_name=False, is_sign=False, is_tight=False))
            continue
        depth -= token.kind in _CLOSING
        found.append(_word(plain, number, depth=depth, is_tight=tight[number]))
        depth += token.kind in _OPENING
        number += 1
    return found


def _word(tokens: list[Token], number: int, *, depth: int, is_tight: bool) -> Word:
    token = tokens[number]
    is_name = token.kind in _ATOMS or _is_key(tokens, number)
    before = number > 0 and (tokens[number - 1].kind in _ATOMS or _is_key(tokens, number - 1))
    is_sign = token.kind == "MINUS" and not before
    return Word(token, depth, is_name=is_name, is_sign=is_sign, is_tight=is_tight)


@cache
def _keywords() -> frozenset[str]:
    return frozenset(tables().keywords.values())


def _is_key(tokens: list[Token], number: int) -> bool:
    """Whether a keyword stands for a name: after a dot or `on`, before `=` in brackets."""
    if number == 0 or tokens[number].kind not in _keywords():
        return False
    after = tokens[number + 1].kind if number + 1 < len(tokens) else ""
    before = tokens[number - 1].kind
    return before in {"DOT", "ON"} or (after == "EQUAL" and before in {"LPAR", "COMMA"})


def _tight(tokens: list[Token]) -> list[bool]:
    """For each token, whether it stands in a subscript, in a plate or in a range."""
    items = _items(tokens)
    ranges = {item for item, token in zip(items, tokens, strict=True) if token.text == RANGE}
    return [item in ranges or item.is_subscript for item in items]


class _Item(NamedTuple):
    """What stands between two commas, or between a comma and a bracket."""

    number: int
    is_subscript: bool


def _items(tokens: list[Token]) -> list[_Item]:
    """For each token, the innermost item that it stands in; brackets stand outside."""
    found: list[_Item] = []
    opened = [_Item(-1, is_subscript=False)]
    for number, token in enumerate(tokens):
        if token.kind in _CLOSING and len(opened) > 1:
            opened.pop()
        elif token.kind == "COMMA" and len(opened) > 1:
            opened[-1] = _Item(number, opened[-1].is_subscript)
        found.append(opened[-1])
        if token.kind in _OPENING:
            opened.append(_Item(number, _is_subscript(tokens, number)))
    return found


def _is_subscript(tokens: list[Token], number: int) -> bool:
    """Whether a bracket holds subscripts or a plate, not a list, not the sizes of a type."""
    if tokens[number].kind != "LSQB" or number == 0:
        return False
    is_type = number > 1 and tokens[number - 2].kind == "COLON"
    return tokens[number - 1].kind in _ATOMS and not is_type


def space(left: Word, right: Word) -> str:
    """What stands between two words on one line."""
    return "" if _is_joined(left, right) else " "


def _is_joined(left: Word, right: Word) -> bool:
    before, after = left.token, right.token
    if before.kind in {"LPAR", "LSQB"} or after.kind in {"RPAR", "RSQB", "COMMA"}:
        return True
    if before.kind == "LBRACE" and after.kind == "RBRACE":
        return True
    if {before.kind, after.kind} & _GLUED or RANGE in {before.text, after.text}:
        return True
    if after.kind in {"LPAR", "LSQB"}:
        return left.is_name or left.is_sign
    if after.kind == "COLON":
        return right.depth > 0
    return left.is_sign or _is_tight_operator(left) or _is_tight_operator(right)


def _is_tight_operator(word: Word) -> bool:
    return word.is_tight and word.token.kind in _BINARY and not word.is_sign
