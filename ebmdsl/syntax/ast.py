"""The tree of a program: frozen nodes, one per rule of the grammar, same name."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias, final

from ebmdsl._record import record
from ebmdsl.source.text import Span
from ebmdsl.syntax.expression import (
    At,
    Attr,
    Binary,
    Call,
    Compare,
    Comparison,
    Expr,
    Lambda,
    List,
    Name,
    Named,
    Neg,
    Number,
    Operator,
    Percent,
    Pipe,
    Range,
    String,
    Syntax,
    Value,
    children,
    walk,
)

if TYPE_CHECKING:
    from ebmdsl.syntax.lost import Lost

Declare = Literal["given", "observed", "latent", "param", "random"]
Role = Literal["encoder", "decoder", "predictor", "generator", "let"]
Kind = Literal["cost", "regularizer", "loss"]

__all__ = [
    "At",
    "Attr",
    "Binary",
    "Binder",
    "Call",
    "Compare",
    "Comparison",
    "Data",
    "Declare",
    "Dim",
    "Expect",
    "Expr",
    "File",
    "Func",
    "Header",
    "Infer",
    "Kind",
    "Lambda",
    "List",
    "Name",
    "Named",
    "Neg",
    "Negative",
    "Net",
    "Node",
    "Number",
    "Operator",
    "Other",
    "Param",
    "Percent",
    "Pipe",
    "Plot",
    "Range",
    "Report",
    "Role",
    "Run",
    "Stage",
    "State",
    "Statement",
    "String",
    "Syntax",
    "Term",
    "Train",
    "Type",
    "Use",
    "Value",
    "Variable",
    "children",
    "keyword",
    "walk",
]


@final
@record
class Param(Syntax):
    """A hyper-parameter with its default; its type is written or follows from the default."""

    name: Name
    type: Name | None
    default: Expr


@final
@record
class Other(Syntax):
    """Another file with its settings, `"other.ebm"(k = 64)`."""

    path: String
    settings: tuple[Named, ...] = ()


@final
@record
class Header(Syntax):
    """The first line: the name, the hyper-parameters, the file it starts from."""

    name: Name
    params: tuple[Param, ...] = ()
    extends: Other | None = None


@final
@record
class Binder(Syntax):
    """An index of a plate and its range, `t in 1..T`."""

    name: Name
    range: Range | None = None


@final
@record
class Dim(Syntax):
    """A dimension of a type, perhaps named."""

    name: Name | None
    size: Expr


@final
@record
class Type(Syntax):
    """A domain and its dimensions, `real[c = 3, h = 32]`."""

    name: Name
    dims: tuple[Dim, ...] = ()


@final
@record
class Use(Syntax):
    """Bring in a trained model."""

    other: Other
    name: Name


@final
@record
class Data(Syntax):
    """Name a data set."""

    name: Name
    expr: Expr


@final
@record
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
@record
class Net(Syntax):
    """Name a function with weights."""

    name: Name
    expr: Expr
    with_: tuple[Expr, ...] = ()


@final
@record
class State(Syntax):
    """Name what is remembered between steps."""

    name: Name
    expr: Expr


@final
@record
class Func(Syntax):
    """Name a function without weights."""

    name: Name
    params: tuple[Name, ...]
    expr: Expr


@final
@record
class Node(Syntax):
    """Name a deterministic node of the graph (`=`) or a distribution (`~`)."""

    role: Role
    name: Name
    plate: tuple[Binder, ...]
    op: Literal["=", "~"]
    expr: Expr


@final
@record
class Term(Syntax):
    """Declare a term of the energy, or of training only (`loss`)."""

    kind: Kind
    name: Name
    plate: tuple[Binder, ...]
    expr: Expr


@final
@record
class Negative(Syntax):
    """Declare points where the energy is pushed up."""

    name: Name
    plate: tuple[Binder, ...]
    expr: Expr


@final
@record
class Infer(Syntax):
    """Say how latents disappear (`infer`) or how observed variables are found (`predict`)."""

    kind: Literal["infer", "predict"]
    names: tuple[Name, ...]
    method: Expr
    with_: tuple[Expr, ...] = ()
    from_: Expr | None = None


@final
@record
class Train(Syntax):
    """Say how parameters are learned; without names, all that no other statement names."""

    names: tuple[Name, ...]
    method: Expr
    with_: tuple[Expr, ...] = ()


@final
@record
class Run(Syntax):
    """Hold the settings of the training loop."""

    settings: tuple[Named, ...] = ()


@final
@record
class Stage(Syntax):
    """Hold statements that are true during one stage of training."""

    name: Name
    statements: tuple[Statement, ...] = ()


@final
@record
class Report(Syntax):
    """Name a number to measure."""

    name: Name
    expr: Expr
    on: Name | None = None


@final
@record
class Expect(Syntax):
    """Say what must hold after training."""

    expr: Expr
    on: Name | None = None


@final
@record
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
@record
class File(Syntax):
    """A whole program."""

    header: Header
    statements: tuple[Statement, ...] = ()
    lost: Lost | None = field(default=None, compare=False, repr=False, kw_only=True)


def keyword(statement: Statement) -> Span:
    """The keyword a statement starts with."""
    span = statement.span
    first = span.text.split(maxsplit=1)[:1]
    return Span(span.source, span.start, span.start + sum(map(len, first)))
