"""The tree of an expression: frozen nodes, one per rule of the grammar."""

from __future__ import annotations

from abc import ABC
from dataclasses import field, fields
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias, final

from ebmdsl._record import record
from ebmdsl.source.text import NOWHERE, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

Operator = Literal["+", "-", "*", "/", "@", "^"]
Comparison = Literal["<=", ">=", "==", "!=", "<", ">"]


@record
class Syntax(ABC):
    """A piece of a program; where it was written does not count in comparisons."""

    span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@final
@record
class Name(Syntax):
    """An identifier, NFKC-normalized, where it is declared or used."""

    text: str


@final
@record
class Number(Syntax):
    """A number; `text` is its spelling, empty in made-up programs."""

    value: int | float
    text: str = field(default="", compare=False)


@final
@record
class Percent(Syntax):
    """A share, `10%`; `value` is 10."""

    value: int | float
    text: str = field(default="", compare=False)


@final
@record
class String(Syntax):
    """A quoted text, without its quotes."""

    text: str


@final
@record
class Neg(Syntax):
    """Minus an expression."""

    operand: Expr


@final
@record
class Binary(Syntax):
    """Two expressions joined by an operator."""

    op: Operator
    left: Expr
    right: Expr


@final
@record
class Compare(Syntax):
    """A comparison."""

    op: Comparison
    left: Expr
    right: Expr


@final
@record
class Call(Syntax):
    """A function called with arguments by position and by name."""

    function: Expr
    args: tuple[Value, ...] = ()
    named: tuple[Named, ...] = ()


@final
@record
class Named(Syntax):
    """A value given by name: an argument, a setting of a run or of another file."""

    name: Name
    value: Value


@final
@record
class At(Syntax):
    """Entries of an expression, `a[i, 0..3]`."""

    base: Expr
    subscripts: tuple[Value, ...]


@final
@record
class Attr(Syntax):
    """A named part of an expression, `a.T`."""

    base: Expr
    name: Name


@final
@record
class List(Syntax):
    """Expressions in brackets."""

    items: tuple[Expr, ...] = ()


@final
@record
class Lambda(Syntax):
    """A function without a name, `u -> u^2`."""

    params: tuple[Name, ...]
    body: Expr


@final
@record
class Pipe(Syntax):
    """A value, or the first layer, and the layers it goes through."""

    parts: tuple[Expr, ...]


@final
@record
class Range(Syntax):
    """Integers from `low` up to and including `high`."""

    low: Expr
    high: Expr


Expr: TypeAlias = (
    Name
    | Number
    | Percent
    | String
    | Neg
    | Binary
    | Compare
    | Call
    | At
    | Attr
    | List
    | Lambda
    | Pipe
)
Value: TypeAlias = Expr | Range


@cache
def _fields(kind: type[Syntax]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.name != "span")


def children(node: Syntax) -> Iterator[Syntax]:
    """The pieces directly inside a piece, in the order of its fields."""
    for name in _fields(type(node)):
        value: Syntax | tuple[Syntax, ...] | None = getattr(node, name)
        inside = value if isinstance(value, tuple) else (value,)
        yield from (each for each in inside if isinstance(each, Syntax))


def walk(node: Syntax) -> Iterator[Syntax]:
    """A piece and all that is inside it, outermost first."""
    pending = [node]
    while pending:
        piece = pending.pop()
        yield piece
        pending.extend(reversed(tuple(children(piece))))
