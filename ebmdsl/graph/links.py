"""Links of a factor graph that stand in statements and not in the energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.graph.factor_graph import Link, VarId
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ebmdsl.check.model import Model
    from ebmdsl.graph.factor_graph import FactorGraph, LinkKind
    from ebmdsl.graph.uses import Reader


def links(model: Model, graph: FactorGraph, *, reader: Reader) -> tuple[Link, ...]:
    """Read the links off the statements of a program, each once."""
    data = {
        each.name.text: each for each in model.file.statements if isinstance(each, ast.Data)
    }
    found = (link for each in model.file.statements for link in _of(each, reader, data=data))
    return tuple(dict.fromkeys(link for link in found if _joins(link, graph)))


def _joins(link: Link, graph: FactorGraph) -> bool:
    """Tell whether both ends are drawn and of the right kind: copies alone are of nets."""
    nets = {block.id for block in graph.blocks if block.role == "net"}
    values = {each.id for each in (*graph.variables, *graph.blocks)} - nets
    used = {each.id for each in graph.variables if each.role == "used"}
    match link.kind:
        case "copied":
            return link.source in nets | values
        case "taken":
            return link.source in used
        case "initial":
            return link.source in values - {each.id for each in graph.variables}
        case _:
            return link.source != link.target and {link.source, link.target} <= values


def _of(
    statement: ast.Statement, reader: Reader, *, data: Mapping[str, ast.Data]
) -> Iterator[Link]:
    match statement:
        case ast.Train(method=expr) | ast.Term(kind="loss", expr=expr) | ast.Node(expr=expr):
            for name, target in reader.uses(expr).points:
                yield Link(VarId(name), VarId(target), "point")
        case ast.Infer():
            yield from _eliminated(statement)
        case ast.Variable():
            yield from _beginning(statement, data)
        case ast.Net(expr=expr):
            yield from _each(expr, statement.name.text, kind="taken")
        case ast.Negative():
            yield from _each(statement.expr, statement.name.text, kind="drawn")
        case ast.State(expr=ast.Call(function=ast.Name(text="ema"))):
            yield from _each(statement.expr, statement.name.text, kind="copied")
        case ast.State():
            yield from _each(statement.expr, statement.name.text, kind="remembered")
        case _:
            return


def _beginning(variable: ast.Variable, data: Mapping[str, ast.Data]) -> Iterator[Link]:
    """Link the values of a variable to the model that gave them, directly or as data."""
    name = variable.name.text
    if variable.init is not None:
        yield from _each(variable.init, name, kind="initial")
    if variable.from_ is not None:
        yield from _each(variable.from_, name, kind="taken")
        pieces = [each for each in ast.walk(variable.from_) if isinstance(each, ast.Name)]
        for source in (data[each.text] for each in pieces if each.text in data):
            yield from _each(source.expr, name, kind="taken")


def _eliminated(infer: ast.Infer) -> Iterator[Link]:
    for name in infer.names:
        if infer.from_ is not None:
            yield from _each(infer.from_, name.text, kind="start")
        if _word(infer.method) == "encode":
            yield from _each(infer.method, name.text, kind="encoded")
        for method in (each for each in infer.with_ if _word(each) == "variational"):
            yield from _each(method, name.text, kind="posterior")


def _word(method: ast.Expr) -> str:
    match method:
        case ast.Call(function=ast.Name(text=word)):
            return word
        case _:
            return ""


def _each(expr: ast.Value, target: str, *, kind: LinkKind) -> Iterator[Link]:
    """Link every name in an expression; options and words of the catalogue drop out later."""
    for piece in ast.walk(expr):
        if isinstance(piece, ast.Name):
            yield Link(VarId(piece.text), VarId(target), kind)
