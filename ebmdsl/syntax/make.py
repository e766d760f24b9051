"""What is made of each production: a node of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast, final

from ebmdsl.syntax import ast
from ebmdsl.syntax.mistakes import ArgumentOrder, MisplacedClause, RepeatedClause
from ebmdsl.syntax.spelling import NumberTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable

    from ebmdsl.source.mistake import Mistake
    from ebmdsl.source.text import Source, Span
    from ebmdsl.syntax.lex import Token

Report = list["Mistake"]
Parts = list[Any]


@final
class Place(NamedTuple):
    """Where a production stands, and where its mistakes are noted."""

    source: Source
    start: int
    end: int
    report: Report

    @property
    def span(self) -> Span:
        """The text of the production."""
        return self.source.span(self.start, self.end)

    def name(self, token: Token) -> ast.Name:
        """The name a token spells."""
        return ast.Name(token.text, span=token.span(self.source))


@final
class _Clause(NamedTuple):
    word: str
    value: Any
    span: Span
    end: int


def make(action: str, parts: Parts, *, place: Place) -> object:
    """Make what the grammar calls `action` of its parts."""
    return MAKERS[action](parts, place)


# Expressions


def _name(parts: Parts, at: Place) -> ast.Name:
    return at.name(parts[0])


def _number(parts: Parts, at: Place) -> ast.Number:
    text = cast("str", parts[0].text)
    return ast.Number(_value(text, at), text, span=at.span)


def _percent(parts: Parts, at: Place) -> ast.Percent:
    text = cast("str", parts[0].text)
    return ast.Percent(_value(text[:-1], at), text, span=at.span)


def _value(text: str, at: Place) -> int | float:
    value = float(text)
    if value == float("inf"):
        at.report.append(NumberTooLarge(at.span))
        return 0
    return int(text) if text.isdigit() else value


def _string(parts: Parts, at: Place) -> ast.String:
    return ast.String(parts[0].text[1:-1], span=at.span)


def _neg(parts: Parts, at: Place) -> ast.Neg:
    return ast.Neg(parts[0], span=at.span)


def _binary(parts: Parts, at: Place) -> ast.Binary:
    left, op, right = parts
    return ast.Binary(op.text, left, right, span=at.span)


def _compare(parts: Parts, at: Place) -> ast.Compare:
    left, op, right = parts
    return ast.Compare(op.text, left, right, span=at.span)


def _call(parts: Parts, at: Place) -> ast.Call:
    function, arguments = parts
    named = tuple(each for each in arguments if isinstance(each, ast.Named))
    args = tuple(each for each in arguments if not isinstance(each, ast.Named))
    late = [each for each in arguments[len(args) :] if not isinstance(each, ast.Named)]
    at.report.extend(ArgumentOrder(each.span) for each in late)
    return ast.Call(function, args, named, span=at.span)


def _named(parts: Parts, at: Place) -> ast.Named:
    return ast.Named(parts[0], parts[1], span=at.span)


def _at(parts: Parts, at: Place) -> ast.At:
    base, *subscripts = parts
    return ast.At(base, tuple(subscripts), span=at.span)


def _attr(parts: Parts, at: Place) -> ast.Attr:
    return ast.Attr(parts[0], parts[1], span=at.span)


def _list(parts: Parts, at: Place) -> ast.List:
    return ast.List(_present(parts), span=at.span)


def _lambda(parts: Parts, at: Place) -> ast.Lambda:
    *params, body = parts
    return ast.Lambda(tuple(at.name(each) for each in params), body, span=at.span)


def _pipe(parts: Parts, at: Place) -> ast.Pipe:
    return ast.Pipe(tuple(parts), span=at.span)


def _range(parts: Parts, at: Place) -> ast.Range:
    return ast.Range(parts[0], parts[1], span=at.span)


def _present(parts: Parts) -> tuple[Any, ...]:
    return tuple(each for each in parts if each is not None)


def _tuple(parts: Parts, at: Place) -> tuple[Any, ...]:
    del at
    return _present(parts)


def _names(parts: Parts, at: Place) -> tuple[ast.Name, ...]:
    return tuple(at.name(each) for each in parts)


# Parts of statements


def _word(parts: Parts, at: Place) -> str:
    del at
    return parts[0].text


def _header(parts: Parts, at: Place) -> ast.Header:
    name, params, extends = parts
    return ast.Header(at.name(name), params or (), extends, span=at.span)


def _param(parts: Parts, at: Place) -> ast.Param:
    name, type_, default = parts
    return ast.Param(at.name(name), type_ and at.name(type_), default, span=at.span)


def _other(parts: Parts, at: Place) -> ast.Other:
    path, settings = parts
    text = ast.String(path.text[1:-1], span=path.span(at.source))
    return ast.Other(text, settings or (), span=at.span)


def _binder(parts: Parts, at: Place) -> ast.Binder:
    return ast.Binder(at.name(parts[0]), parts[1], span=at.span)


def _type(parts: Parts, at: Place) -> ast.Type:
    name, *dims = parts
    return ast.Type(at.name(name), _present(dims), span=at.span)


def _dim(parts: Parts, at: Place) -> ast.Dim:
    name, size = parts
    return ast.Dim(name and at.name(name), size, span=at.span)


def _clause(parts: Parts, at: Place, *, word: str) -> _Clause:
    value = tuple(parts) if word == "with" else parts[0]
    span = at.source.span(at.start, at.start + len(word))
    return _Clause(word, value, span, at.end)


def _with_clause(parts: Parts, at: Place) -> _Clause:
    return _clause(parts, at, word="with")


def _init_clause(parts: Parts, at: Place) -> _Clause:
    return _clause(parts, at, word="init")


def _from_clause(parts: Parts, at: Place) -> _Clause:
    return _clause(parts, at, word="from")


def _on_clause(parts: Parts, at: Place) -> _Clause:
    return _clause(parts, at, word="on")


def _clauses(clauses: Parts, at: Place, *, allowed: str) -> dict[str, Any]:
    """The value of each clause, by its word; clauses that cannot stand here are reported."""
    first: dict[str, _Clause] = {}
    last: _Clause | None = None
    for clause in cast("list[_Clause]", clauses):
        if clause.word not in allowed.split():
            at.report.append(_misplaced(clause, at, allowed=allowed))
        elif clause.word in first:
            before = last.end if last is not None and last.word == clause.word else -1
            at.report.append(RepeatedClause(clause.span, first[clause.word].span, before))
        else:
            first[clause.word] = clause
        last = clause
    return {word: clause.value for word, clause in first.items()}


def _misplaced(clause: _Clause, at: Place, *, allowed: str) -> MisplacedClause:
    statement = at.span.text.split(maxsplit=1)[0]
    listed = ", ".join(f"`{word}`" for word in allowed.split())
    start = len(at.source.text[at.start : clause.span.start].rstrip()) + at.start
    return MisplacedClause(
        clause.span, statement, listed, whole=at.source.span(start, clause.end)
    )


# Statements


def _use(parts: Parts, at: Place) -> ast.Use:
    return ast.Use(parts[0], at.name(parts[1]), span=at.span)


def _data(parts: Parts, at: Place) -> ast.Data:
    return ast.Data(at.name(parts[0]), parts[1], span=at.span)


def _variable(parts: Parts, at: Place) -> ast.Variable:
    declare, name, plate, type_, law, *rest = parts
    found = _clauses(rest, at, allowed="with init from")
    return ast.Variable(
        declare,
        at.name(name),
        plate=plate or (),
        type=type_,
        law=law,
        with_=found.get("with", ()),
        init=found.get("init"),
        from_=found.get("from"),
        span=at.span,
    )


def _net(parts: Parts, at: Place) -> ast.Net:
    name, expr, *rest = parts
    found = _clauses(rest, at, allowed="with")
    return ast.Net(at.name(name), expr, with_=found.get("with", ()), span=at.span)


def _state(parts: Parts, at: Place) -> ast.State:
    return ast.State(at.name(parts[0]), parts[1], span=at.span)


def _func(parts: Parts, at: Place) -> ast.Func:
    name, params, expr = parts
    return ast.Func(at.name(name), params or (), expr, span=at.span)


def _node(parts: Parts, at: Place) -> ast.Node:
    role, name, plate, expr = parts
    return ast.Node(role, at.name(name), plate or (), "=", expr, span=at.span)


def _law(parts: Parts, at: Place) -> ast.Node:
    role, name, plate, expr = parts
    return ast.Node(role, at.name(name), plate or (), "~", expr, span=at.span)


def _term(parts: Parts, at: Place) -> ast.Term:
    kind, name, plate, expr = parts
    return ast.Term(kind, at.name(name), plate or (), expr, span=at.span)


def _negative(parts: Parts, at: Place) -> ast.Negative:
    name, plate, expr = parts
    return ast.Negative(at.name(name), plate or (), expr, span=at.span)


def _infer(parts: Parts, at: Place) -> ast.Infer:
    kind, names, method, *rest = parts
    found = _clauses(rest, at, allowed="with from")
    with_, from_ = found.get("with", ()), found.get("from")
    return ast.Infer(kind, names, method, with_, from_, span=at.span)


def _train(parts: Parts, at: Place) -> ast.Train:
    names, method, *rest = parts
    found = _clauses(rest, at, allowed="with")
    return ast.Train(names or (), method, found.get("with", ()), span=at.span)


def _run(parts: Parts, at: Place) -> ast.Run:
    return ast.Run(_present(parts), span=at.span)


def _setting(parts: Parts, at: Place) -> ast.Named:
    return ast.Named(at.name(parts[0]), parts[1], span=at.span)


def _stage(parts: Parts, at: Place) -> ast.Stage:
    name, *statements = parts
    return ast.Stage(at.name(name), tuple(statements), span=at.span)


def _report(parts: Parts, at: Place) -> ast.Report:
    name, expr, *rest = parts
    found = _clauses(rest, at, allowed="on")
    return ast.Report(at.name(name), expr, found.get("on"), span=at.span)


def _expect(parts: Parts, at: Place) -> ast.Expect:
    expr, *rest = parts
    return ast.Expect(expr, _clauses(rest, at, allowed="on").get("on"), span=at.span)


def _plot(parts: Parts, at: Place) -> ast.Plot:
    expr, *rest = parts
    return ast.Plot(expr, _clauses(rest, at, allowed="on").get("on"), span=at.span)


def _file(parts: Parts, at: Place) -> ast.File:
    header, *statements = parts
    return ast.File(header, tuple(statements), span=at.span)


MAKERS: dict[str, Callable[[Parts, Place], object]] = {
    **dict.fromkeys(("declare", "role", "kind", "finder"), _word),
    **dict.fromkeys(("params", "settings", "plate", "arguments"), _tuple),
    **{
        made.__name__[1:]: made
        for made in (
            *(_name, _number, _percent, _string, _neg, _binary, _compare, _call, _named, _at),
            *(_attr, _list, _lambda, _pipe, _range, _names, _header, _param, _other, _setting),
            *(_binder, _type, _dim, _with_clause, _init_clause, _from_clause, _on_clause),
            *(_use, _data, _variable, _net, _state, _func, _node, _law, _term, _negative),
            *(_infer, _train, _run, _stage, _report, _expect, _plot, _file),
        )
    },
    "key": _name,
}
