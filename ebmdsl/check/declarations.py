"""Declarations: what each name of the file is bound to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.check import points
from ebmdsl.check.domains import compared
from ebmdsl.check.expressions import elaborate
from ebmdsl.check.here import Here
from ebmdsl.check.laws import drawn
from ebmdsl.check.mistakes import TermNotScalar
from ebmdsl.check.model import Block, Term
from ebmdsl.check.plates import bound_plates
from ebmdsl.check.scope import Bound, Local, Named, Scope, Template
from ebmdsl.check.sources import data
from ebmdsl.check.uses import used
from ebmdsl.check.variables import variable
from ebmdsl.concepts.shape import is_scalar, show
from ebmdsl.expr.node import Node, Op, make
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator


def resolve(scope: Scope, statement: Named) -> Bound:
    """Return what a statement declares."""
    match statement:
        case ast.Data():
            return data(scope, statement)
        case ast.Variable():
            return variable(scope, statement)
        case ast.Net():
            return Template(statement)
        case ast.Func():
            return statement
        case ast.Node():
            return block(scope, statement)
        case ast.Term():
            return term(scope, statement)
        case ast.Report():
            return _reported(scope, statement)
        case ast.Use():
            return used(scope, statement)
        case ast.State():
            return points.state(scope, statement, elaborate=elaborate)
        case ast.Negative():
            return points.negative(scope, statement, elaborate=elaborate)


def _reported(scope: Scope, statement: ast.Report) -> Block:
    node = elaborate(scope, statement.expr, local=Local(report="test"))
    return Block("let", statement.name.text, node, (), statement.expr.span.text)


def block(scope: Scope, statement: ast.Node) -> Block:
    """Type a deterministic node or a distribution."""
    name = statement.name
    plates = bound_plates(scope, statement.plate, expr=statement.expr, local=Local())
    local = Local(plates={plate.index: plate for plate in plates})
    random = statement.op == "~"
    here = Here(scope, local, elaborate)
    node = drawn(here, statement.expr, owner=name.text) if random else here.node(statement.expr)
    return Block(
        statement.role,
        name.text,
        node,
        inputs=mentioned(scope, statement.expr),
        text=written(statement.expr),
        random=random,
        span=name.span,
    )


def term(scope: Scope, statement: ast.Term) -> Term:
    """Type a term: one scalar per sample, summed over its plates."""
    name = statement.name
    plates = bound_plates(scope, statement.plate, expr=statement.expr, local=Local())
    place = "loss" if statement.kind == "loss" else "energy"
    local = Local(plates={plate.index: plate for plate in plates}, place=place)
    node = elaborate(scope, statement.expr, local=local)
    if node.op is Op.COMPARE:
        raise scope.reject(compared(statement.expr))
    if not is_scalar(node.shape):
        mistake = TermNotScalar(statement.expr.span, name.text, show(node.shape))
        raise scope.reject(mistake)
    return Term(
        statement.kind,
        name.text,
        summed(node),
        inputs=mentioned(scope, statement.expr),
        text=written(statement.expr),
        plates=plates,
        span=name.span,
    )


def summed(node: Node) -> Node:
    """Return the sum over all plates."""
    return make(Op.SUM_PLATE, (node,)) if node.plates else node


def mentioned(scope: Scope, expr: ast.Expr) -> tuple[str, ...]:
    """List the variables, nodes and nets that an expression names, in order.

    What a function of the user names is named, too.
    """
    names = dict.fromkeys(_named(scope, expr, inside=frozenset[str]()))
    kept = (ast.Variable, ast.Node, ast.Net, ast.State, ast.Negative, ast.Use)
    return tuple(name for name in names if isinstance(scope.statements[name], kept))


def _named(scope: Scope, expr: ast.Syntax, *, inside: frozenset[str]) -> Iterator[str]:
    """Yield the declared names that stand for a value, and not for an option or a field."""
    match expr:
        case ast.Name(text=name) if name in scope.statements and name not in inside:
            statement = scope.statements[name]
            yield name
            if isinstance(statement, ast.Func):
                hidden = inside | {name, *(param.text for param in statement.params)}
                yield from _named(scope, statement.expr, inside=hidden)
        case ast.Named():
            yield from _named(scope, expr.value, inside=inside)
        case ast.Attr():
            yield from _named(scope, expr.base, inside=inside)
        case _:
            for child in ast.children(expr):
                yield from _named(scope, child, inside=inside)


def written(expr: ast.Expr) -> str:
    """Return the text of an expression on one line."""
    return " ".join(expr.span.text.split())
