"""The tree of a program: frozen nodes, one per rule of the grammar, same name."""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias, final

from ebmdsl.source.text import NOWHERE, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

Declare = Literal["given", "observed", "latent", "param", "random"]
Role = Literal["encoder", "decoder", "predictor", "generator", "let"]
Kind = Literal["cost", "regularizer", "loss"]
Operator = Literal["+", "-", "*", "/", "@", "^"]
Comparison = Literal["<=", ">=", "==", "!=", "<", ">"]


@dataclass(frozen=True, slots=True)
class Syntax(ABC):
    """A piece of a program; where it was written does not count in comparisons."""

    span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


# Expressions


@final
@dataclass(frozen=True, slots=True)
class Name(Syntax):
    """An identifier, NFKC-normalized, where it is declared or used."""

    text: str


@final
@dataclass(frozen=True, slots=True)
class Number(Syntax):
    """A number; `text` is its spelling, empty in made-up programs."""

    value: int | float
    text: str = field(default="", compare=False)


@final
@dataclass(frozen=True, slots=True)
class Percent(Syntax):
    """A share, `10%`; `value` is 10."""

    value: int | float
    text: str = field(default="", compare=False)


@final
@dataclass(frozen=True, slots=True)
class String(Syntax):
    """A quoted text, without its quotes."""

    text: str


@final
@dataclass(frozen=True, slots=True)
class Neg(Syntax):
    """Minus an expression."""

    operand: Expr


@final
@dataclass(frozen=True, slots=True)
class Binary(Syntax):
    """Two expressions joined by an operator."""

    op: Operator
    left: Expr
    right: Expr


@final
@dataclass(frozen=True, slots=True)
class Compare(Syntax):
    """A comparison."""

    op: Comparison
    left: Expr
    right: Expr


@final
@dataclass(frozen=True, slots=True)
class Call(Syntax):
    """A function called with arguments by position and by name."""

    function: Expr
    args: tuple[Value, ...] = ()
    named: tuple[Named, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Named(Syntax):
    """A value given by name: an argument, a setting of a run or of another file."""

    name: Name
    value: Value


@final
@dataclass(frozen=True, slots=True)
class At(Syntax):
    """Entries of an expression, `a[i, 0..3]`."""

    base: Expr
    subscripts: tuple[Value, ...]


@final
@dataclass(frozen=True, slots=True)
class Attr(Syntax):
    """A named part of an expression, `a.T`."""

    base: Expr
    name: Name


@final
@dataclass(frozen=True, slots=True)
class List(Syntax):
    """Expressions in brackets."""

    items: tuple[Expr, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Lambda(Syntax):
    """A function without a name, `u -> u^2`."""

    params: tuple[Name, ...]
    body: Expr


@final
@dataclass(frozen=True, slots=True)
class Pipe(Syntax):
    """A value, or the first layer, and the layers it goes through."""

    parts: tuple[Expr, ...]


@final
@dataclass(frozen=True, slots=True)
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

# Statements and their parts


@final
@dataclass(frozen=True, slots=True)
class Param(Syntax):
    """A hyper-parameter with its default; its type is written or follows from the default."""

    name: Name
    type: Name | None
    default: Expr


@final
@dataclass(frozen=True, slots=True)
class Other(Syntax):
    """Another file with its settings, `"other.ebm"(k = 64)`."""

    path: String
    settings: tuple[Named, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Header(Syntax):
    """The first line: the name, the hyper-parameters, the file it starts from."""

    name: Name
    params: tuple[Param, ...] = ()
    extends: Other | None = None


@final
@dataclass(frozen=True, slots=True)
class Binder(Syntax):
    """An index of a plate and its range, `t in 1..T`."""

    name: Name
    range: Range | None = None


@final
@dataclass(frozen=True, slots=True)
class Dim(Syntax):
    """A dimension of a type, perhaps named."""

    name: Name | None
    size: Expr


@final
@dataclass(frozen=True, slots=True)
class Type(Syntax):
    """A domain and its dimensions, `real[c = 3, h = 32]`."""

    name: Name
    dims: tuple[Dim, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Use(Syntax):
    """Bring in a trained model."""

    other: Other
    name: Name


@final
@dataclass(frozen=True, slots=True)
class Data(Syntax):
    """Name a data set."""

    name: Name
    expr: Expr


@final
@dataclass(frozen=True, slots=True)
class Variable(Syntax):
    """Declare a variable; clauses may be written in any order."""

    declare: Declare
    name: Name
    plate: tuple[Binder, ...]
    type: Type
    law: Expr | None = None
    with_: tuple[Expr, ...] = ()
    init: Expr | None = None
    from_: Expr | None = None


@final
@dataclass(frozen=True, slots=True)
class Net(Syntax):
    """Name a function with weights."""

    name: Name
    expr: Expr
    with_: tuple[Expr, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class State(Syntax):
    """Name what is remembered between steps."""

    name: Name
    expr: Expr


@final
@dataclass(frozen=True, slots=True)
class Func(Syntax):
    """Name a function without weights."""

    name: Name
    params: tuple[Name, ...]
    expr: Expr


@final
@dataclass(frozen=True, slots=True)
class Node(Syntax):
    """Name a deterministic node of the graph (`=`) or a distribution (`~`)."""

    role: Role
    name: Name
    plate: tuple[Binder, ...]
    op: Literal["=", "~"]
    expr: Expr


@final
@dataclass(frozen=True, slots=True)
class Term(Syntax):
    """Declare a term of the energy, or of training only (`loss`)."""

    kind: Kind
    name: Name
    plate: tuple[Binder, ...]
    expr: Expr


@final
@dataclass(frozen=True, slots=True)
class Negative(Syntax):
    """Declare points where the energy is pushed up."""

    name: Name
    plate: tuple[Binder, ...]
    expr: Expr


@final
@dataclass(frozen=True, slots=True)
class Infer(Syntax):
    """Say how latents disappear (`infer`) or how observed variables are found (`predict`)."""

    kind: Literal["infer", "predict"]
    names: tuple[Name, ...]
    method: Expr
    with_: tuple[Expr, ...] = ()
    from_: Expr | None = None


@final
@dataclass(frozen=True, slots=True)
class Train(Syntax):
    """Say how parameters are learned; without names, all that no other statement names."""

    names: tuple[Name, ...]
    method: Expr
    with_: tuple[Expr, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Run(Syntax):
    """Hold the settings of the training loop."""

    settings: tuple[Named, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Stage(Syntax):
    """Hold statements that are true during one stage of training."""

    name: Name
    statements: tuple[Statement, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Report(Syntax):
    """Name a number to measure."""

    name: Name
    expr: Expr
    on: Name | None = None


@final
@dataclass(frozen=True, slots=True)
class Expect(Syntax):
    """Say what must hold after training."""

    expr: Expr
    on: Name | None = None


@final
@dataclass(frozen=True, slots=True)
class Plot(Syntax):
    """Ask for a picture."""

    expr: Expr
    on: Name | None = None


Statement: TypeAlias = (
    Use
    | Data
    | Variable
    | Net
    | State
    | Func
    | Node
    | Term
    | Negative
    | Infer
    | Train
    | Run
    | Stage
    | Report
    | Expect
    | Plot
)


@final
@dataclass(frozen=True, slots=True)
class File(Syntax):
    """A whole program."""

    header: Header
    statements: tuple[Statement, ...] = ()


def keyword(statement: Statement) -> Span:
    """The keyword a statement starts with."""
    span = statement.span
    first = span.text.split(maxsplit=1)[:1]
    return Span(span.source, span.start, span.start + sum(map(len, first)))


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
