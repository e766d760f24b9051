"""Expressions: from the tree to nodes of the DAG, with every shape checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from ebmdsl.check.arguments import whole
from ebmdsl.check.calls import called
from ebmdsl.check.mistakes import (
    NotAConstant,
    NotSupportedYet,
    ShapeMismatch,
    UnknownName,
    UsesItself,
    WrongArguments,
)
from ebmdsl.check.model import Block, Data, Declared, Hyper, Term
from ebmdsl.check.plates import indexed, unindexed, whole_node
from ebmdsl.check.reports import over_split
from ebmdsl.check.scope import RESERVED, Local, Scope, Template
from ebmdsl.check.statement_mistakes import WrongRole
from ebmdsl.concepts.base import words
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import show
from ebmdsl.expr.build import (
    ShapeError,
    UndefinedError,
    add,
    const,
    divide,
    multiply,
    negative,
    power,
    subtract,
    transpose,
    variable,
)
from ebmdsl.expr.calls import product
from ebmdsl.expr.node import Node, Op, Quantity, make
from ebmdsl.source.diagnostic import Label
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.source.text import Span

MAIN = Local()


def elaborate(scope: Scope, expr: ast.Expr, *, local: Local = MAIN) -> Node:
    """Return the node of an expression; raise `RejectedError` once a mistake is reported."""
    try:
        node = _node(scope, expr, local=local)
    except ShapeError as error:
        mistake = ShapeMismatch(expr.span, error.reason, error.remedy, _labels(scope, expr))
        raise scope.reject(mistake) from None
    except UndefinedError as error:
        raise scope.reject(WrongArguments(expr.span, error.reason)) from None
    scope.note(node, expr.span)
    return node


def _node(scope: Scope, expr: ast.Expr, *, local: Local) -> Node:
    match expr:
        case ast.Number():
            return const(expr.value)
        case ast.Percent():
            return const(expr.value / 100)
        case ast.Neg():
            return negative(elaborate(scope, expr.operand, local=local))
        case ast.Binary():
            return _binary(scope, expr, local=local)
        case ast.Compare():
            left, right = (
                elaborate(scope, side, local=local) for side in (expr.left, expr.right)
            )
            shape = subtract(left, right).shape
            return make(Op.COMPARE, (left, right), data=expr.op, shape=shape)
        case ast.Name():
            return named(scope, expr, local=local)
        case ast.Attr():
            return _attribute(scope, expr, local=local)
        case ast.Call():
            return called(scope, expr, local=local, elaborate=elaborate)
        case ast.Pipe():
            return elaborate(scope, _unpiped(expr), local=local)
        case ast.At():
            return _at(scope, expr, local=local)
        case ast.List():
            raise scope.reject(NotSupportedYet(expr.span, "a list as a value"))
        case ast.String() | ast.Lambda():
            what = "a text" if isinstance(expr, ast.String) else "a function"
            raise scope.reject(
                WrongArguments(expr.span, f"{what} is no number to compute with")
            )
        case _:
            assert_never(expr)


def _unpiped(pipe: ast.Pipe) -> ast.Expr:
    """Write `a |> f |> g(b)` as nested calls, the value first."""
    value, *steps = pipe.parts
    for step in steps:
        span = value.span.join(step.span)
        match step:
            case ast.Call():
                value = replace(step, args=(value, *step.args), span=span)
            case _:
                value = ast.Call(step, (value,), span=span)
    return value


def _binary(scope: Scope, expr: ast.Binary, *, local: Local) -> Node:
    left = elaborate(scope, expr.left, local=local)
    if expr.op == "^":
        return _power(scope, left, exponent=expr.right, local=local)
    right = elaborate(scope, expr.right, local=local)
    match expr.op:
        case "+":
            return add(left, right)
        case "-":
            return subtract(left, right)
        case "*":
            return multiply(left, right)
        case "/":
            return divide(left, right)
        case "@":
            return product(left, right)
        case _:
            assert_never(expr.op)


def _power(scope: Scope, base: Node, *, exponent: ast.Expr, local: Local) -> Node:
    node = elaborate(scope, exponent, local=local)
    if node.op is not Op.CONST:
        raise scope.reject(NotAConstant(exponent.span, "an exponent"))
    return power(base, node.data)


def named(scope: Scope, name: ast.Name, *, local: Local) -> Node:
    """Return what a name stands for at the current sample."""
    if name.text in local.values:
        return local.values[name.text]
    if name.text in RESERVED:
        return reserved(scope, name)
    bound = scope.get(name.text)
    match bound:
        case Hyper(value=int() | float() as value):
            return const(value)
        case Declared():
            return unindexed(variable(bound.quantity, bound.shape, plates=bound.plates))
        case Block():
            return unindexed(bound.node)
        case Term():
            return bound.node
        case Data():
            return _field(bound, bound.main.name)
        case None:
            raise scope.unknown(name, "name", known=words(Function))
        case Template() | ast.Func():
            raise scope.reject(_not_a_value(name, "a function", bound=bound))
        case _:
            raise scope.reject(NotSupportedYet(name.span, f"`{name.text}` as a value"))


def _not_a_value(name: ast.Name, what: str, *, bound: Template | ast.Func) -> WrongRole:
    statement = bound.statement if isinstance(bound, Template) else bound
    reason = f"`{name.text}` is {what}, not a value"
    return WrongRole(name.span, reason, statement.name.span, what, f"call it: `{name.text}(…)`")


def reserved(scope: Scope, name: ast.Name) -> Node:
    """Return the energy, the free energy or log Z."""
    match name.text:
        case "E":
            return _energy(scope, name)
        case _:
            return variable(Quantity(name.text, "free"), ())


def _energy(scope: Scope, name: ast.Name) -> Node:
    """Return the sum of the costs and regularizers, none of which can be asking for it."""
    terms = [s for s in scope.statements.values() if isinstance(s, ast.Term)]
    energy = [each.name for each in terms if each.kind != "loss"]
    asking = next((each for each in energy if each.text in scope.working), None)
    if asking is not None:
        raise scope.reject(UsesItself(name.span, asking.text, asking.span))
    found = [scope.get(each.text) for each in energy]
    return add(const(0), *(each.node for each in found if isinstance(each, Term)))


def _field(data: Data, field: str) -> Node:
    found = next(each for each in data.fields if each.name == field)
    return variable(Quantity(f"{data.name}.{field}", "given"), found.shape)


def _attribute(scope: Scope, expr: ast.Attr, *, local: Local) -> Node:
    if expr.name.text == "T":
        return transpose(elaborate(scope, expr.base, local=local))
    bound = scope.get(expr.base.text) if isinstance(expr.base, ast.Name) else None
    if isinstance(bound, Data):
        names = tuple(each.name for each in bound.fields)
        if expr.name.text not in names:
            raise scope.reject(_unknown_field(expr, names))
        return _field(bound, expr.name.text)
    if local.report and expr.name.text in ("mean", "std"):
        return over_split(expr.name.text, elaborate(scope, expr.base, local=local), each=True)
    raise scope.reject(NotSupportedYet(expr.span, f"`.{expr.name.text}`"))


def _unknown_field(expr: ast.Attr, names: tuple[str, ...]) -> UnknownName:
    return UnknownName(expr.name.span, expr.name.text, names, "field")


def _at(scope: Scope, expr: ast.At, *, local: Local) -> Node:
    if isinstance(expr.base, ast.Name):
        bound = scope.get(expr.base.text)
        if isinstance(bound, Declared | Block) and whole_node(bound).plates:
            return indexed(scope, bound, expr=expr, local=local)
    base = elaborate(scope, expr.base, local=local)
    if len(expr.subscripts) != 1:
        raise scope.reject(NotSupportedYet(expr.span, "an index in several dimensions"))
    return _subscript(scope, base, subscript=expr.subscripts[0], local=local)


def _subscript(scope: Scope, base: Node, *, subscript: ast.Value, local: Local) -> Node:
    if not base.shape:
        raise ShapeError("a scalar has no entries")
    if isinstance(subscript, ast.Range):
        low, high = whole(scope, subscript.low), whole(scope, subscript.high)
        _within(base, low, high=high)
        shape = (high - low + 1, *base.shape[1:])
        return make(Op.INDEX, (base,), data=(low, high), shape=shape, plates=base.plates)
    if isinstance(subscript, ast.Number):
        at = whole(scope, subscript)
        _within(base, at, high=at)
        return make(Op.INDEX, (base,), data=at, shape=base.shape[1:], plates=base.plates)
    chosen = elaborate(scope, subscript, local=local)
    if chosen.op is Op.CONST:
        raise ShapeError(f"index {chosen.data:g} is outside of {show(base.shape)}")
    return _selected(base, chosen)


def _within(base: Node, low: int, *, high: int) -> None:
    if not 0 <= low <= high < base.shape[0]:
        raise ShapeError(f"index {high} is outside of {show(base.shape)}, which starts at 0")


def _selected(base: Node, chosen: Node) -> Node:
    """Return `m[z]`: a one-hot z of the first dimension, or a token, selects an entry."""
    if chosen.shape == base.shape[:1]:
        return product(chosen, base)
    if chosen.shape == ():
        plates = chosen.plates or base.plates
        return make(Op.INDEX, (base, chosen), shape=base.shape[1:], plates=plates)
    raise ShapeError(f"{show(chosen.shape)} cannot select from {show(base.shape)}")


def _labels(scope: Scope, expr: ast.Expr) -> tuple[Label, ...]:
    """Show where the variables of an expression were declared, with their shapes."""
    seen: dict[Span, Label] = {}
    for piece in ast.walk(expr):
        bound = scope.bound.get(piece.text) if isinstance(piece, ast.Name) else None
        if isinstance(bound, Declared) and bound.span not in seen:
            text = f"`{bound.name}` is {show(bound.shape)}"
            seen[bound.span] = Label(bound.span, text)
    return tuple(seen.values())
