"""States and contrastive points: what is remembered, and where the energy is pushed up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.check.arguments import number, parts, whole
from ebmdsl.check.mistakes import NotSupportedYet, UnknownName, WrongArguments
from ebmdsl.check.model import Declared
from ebmdsl.check.plates import bound_plates
from ebmdsl.check.scope import Bound, Local, Scope, Template
from ebmdsl.concepts.base import words
from ebmdsl.concepts.domain import REAL
from ebmdsl.concepts.kinds import Sampler
from ebmdsl.expr.node import Plate, Quantity
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Callable

    from ebmdsl.expr.node import Node

STATES = ("particles", "queue", "bank", "ema")


def state(
    scope: Scope, statement: ast.State, *, elaborate: Callable[[Scope, ast.Expr], Node]
) -> Bound:
    """Type what is remembered between steps: particles, a queue, a bank, a moving average."""
    name, written = parts(statement.expr)
    if name is None or name.text not in STATES or written is None:
        at = statement.expr.span
        raise scope.reject(UnknownName(at, at.text, STATES, "kind of state"))
    if name.text == "particles":
        return _particles(scope, statement, written=written)
    argument = _first(scope, written)
    net = scope.get(argument.text) if isinstance(argument, ast.Name) else None
    if name.text == "ema" and isinstance(net, Template):
        copy = ast.Net(statement.name, net.statement.expr, span=statement.span)
        return Template(copy, learned=False)
    node = elaborate(scope, argument)
    rows = () if name.text != "queue" else (_rows(scope, written, statement=statement),)
    return _declared(statement.name, "state", shape=node.shape, plates=rows)


def _declared(
    name: ast.Name, role: str, *, shape: tuple[int, ...], plates: tuple[Plate, ...]
) -> Declared:
    return Declared(Quantity(name.text, role, REAL), shape, plates=plates, span=name.span)


def _first(scope: Scope, written: ast.Call) -> ast.Expr:
    if not written.args or isinstance(written.args[0], ast.Range):
        raise scope.reject(WrongArguments(written.span, "say what is remembered"))
    return written.args[0]


def _rows(scope: Scope, written: ast.Call, *, statement: ast.State) -> Plate:
    count = written.args[1] if len(written.args) > 1 else None
    if count is None or isinstance(count, ast.Range):
        raise scope.reject(WrongArguments(written.span, "say how many are remembered"))
    return Plate(statement.name.text, 1, whole(scope, count))


def _particles(scope: Scope, statement: ast.State, *, written: ast.Call) -> Declared:
    like = next((each.value for each in written.named if each.name.text == "like"), None)
    found = scope.get(like.text) if isinstance(like, ast.Name) else None
    if not isinstance(found, Declared):
        raise scope.reject(WrongArguments(written.span, "`particles` needs `like = y`"))
    count = int(number(scope, _first(scope, written)))
    plates = (*found.plates, Plate(statement.name.text, 1, count))
    quantity = Quantity(statement.name.text, "state", found.quantity.domain)
    return Declared(quantity, found.shape, plates=plates, span=statement.name.span)


def negative(
    scope: Scope, statement: ast.Negative, *, elaborate: Callable[[Scope, ast.Expr], Node]
) -> Declared:
    """Type a contrastive point: it has the shape of where its sampler starts."""
    start = _start(scope, statement.expr)
    bound = scope.get(start.text) if isinstance(start, ast.Name) else None
    own = bound_plates(scope, statement.plate, expr=None, local=Local())
    if isinstance(bound, Declared):
        plates = tuple(
            p for p in bound.plates if p.index != bound.name or bound.role != "state"
        )
        quantity = Quantity(statement.name.text, "negative", bound.quantity.domain)
        count = own or tuple(p for p in bound.plates if p not in plates)
        return Declared(
            quantity, bound.shape, plates=(*plates, *count), span=statement.name.span
        )
    node = elaborate(scope, start)
    return _declared(statement.name, "negative", shape=node.shape, plates=(*node.plates, *own))


def _start(scope: Scope, expr: ast.Expr) -> ast.Expr:
    """Return where a sampler starts: `start = y`, or its first argument."""
    name, written = parts(expr)
    if name is None:
        raise scope.reject(NotSupportedYet(expr.span, "contrastive points like these"))
    for argument in written.named if written is not None else ():
        if argument.name.text == "start" and not isinstance(argument.value, ast.Range):
            return argument.value
    if written is not None and written.args and not isinstance(written.args[0], ast.Range):
        return written.args[0]
    if name.text in words(Sampler):
        raise scope.reject(WrongArguments(expr.span, f"`{name.text}` needs `start = …`"))
    return name
