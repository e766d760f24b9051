"""Links of a factor graph that stand in statements and not in the energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.graph.factor_graph import Link, VarId
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Model
    from ebmdsl.graph.factor_graph import FactorGraph, LinkKind


def links(model: Model, graph: FactorGraph) -> tuple[Link, ...]:
    """Read the links off the statements of a program, each once."""
    observed = tuple(each.name for each in model.with_role("observed"))
    found = (link for each in model.file.statements for link in _of(each, observed))
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
        case _:
            return link.source != link.target and {link.source, link.target} <= values


def _of(statement: ast.Statement, observed: tuple[str, ...]) -> Iterator[Link]:
    match statement:
        case ast.Train(method=expr) | ast.Term(kind="loss", expr=expr):
            yield from _points(expr, observed)
        case ast.Infer():
            yield from _eliminated(statement)
        case ast.Variable(from_=expr) if expr is not None:
            yield from _each(expr, statement.name.text, "taken")
        case ast.Net(expr=expr):
            yield from _each(expr, statement.name.text, "taken")
        case ast.Negative():
            yield from _each(statement.expr, statement.name.text, "drawn")
        case ast.State(expr=ast.Call(function=ast.Name(text="ema"))):
            yield from _each(statement.expr, statement.name.text, "copied")
        case ast.State():
            yield from _each(statement.expr, statement.name.text, "remembered")
        case _:
            return


def _eliminated(infer: ast.Infer) -> Iterator[Link]:
    for name in infer.names:
        if infer.from_ is not None:
            yield from _each(infer.from_, name.text, "start")
        if _word(infer.method) == "encode":
            yield from _each(infer.method, name.text, "encoded")
        for method in infer.with_:
            if _word(method) == "variational":
                yield from _each(method, name.text, "posterior")


def _points(expr: ast.Expr, observed: tuple[str, ...]) -> Iterator[Link]:
    """Lead what stands in the brackets of `F(…)` to the variable that it replaces."""
    for piece in ast.walk(expr):
        match piece:
            case ast.Call(function=ast.Name(text="F" | "E"), args=args, named=named):
                pairs = [(each.name.text, each.value) for each in named]
                pairs += list(zip(observed, args, strict=False))
                for name, value in pairs:
                    yield from _each(value, name, "point")
            case _:
                continue


def _word(method: ast.Expr) -> str:
    match method:
        case ast.Call(function=ast.Name(text=word)):
            return word
        case _:
            return ""


def _each(expr: ast.Value, target: str, kind: LinkKind) -> Iterator[Link]:
    """Link every name in an expression; options and words of the catalogue drop out later."""
    for piece in ast.walk(expr):
        if isinstance(piece, ast.Name):
            yield Link(VarId(piece.text), VarId(target), kind)
