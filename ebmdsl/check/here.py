"""Where an expression is read: the names of the program, what is local, and how to go on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, final

from ebmdsl._record import record
from ebmdsl.check.attempts import every
from ebmdsl.check.mistakes import WrongArguments
from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write

if TYPE_CHECKING:
    from ebmdsl.check.scope import Local, RejectedError, Scope
    from ebmdsl.expr.node import Node
    from ebmdsl.source.mistake import Mistake


class Elaborate(Protocol):
    """Turns an expression into a node; handed down, because expressions contain calls."""

    def __call__(self, scope: Scope, expr: ast.Expr, *, local: Local) -> Node:
        """Return the node of an expression."""
        ...


@final
@record
class Here:
    """A place in a program where an expression is read."""

    scope: Scope
    local: Local
    elaborate: Elaborate

    def node(self, expr: ast.Expr) -> Node:
        """Return the node of an expression that stands here."""
        return self.elaborate(self.scope, expr, local=self.local)

    def nodes(self, exprs: tuple[ast.Expr, ...]) -> tuple[Node, ...]:
        """Return the nodes of several expressions; a mistake in one does not hide the next."""
        return every(self.node, exprs)

    def at(self, place: str) -> Here:
        """Return the same place, where other things may be said."""
        return replace(self, local=replace(self.local, place=place))

    def reject(self, mistake: Mistake) -> RejectedError:
        """Report a mistake and return the exception to raise."""
        return self.scope.reject(mistake)


def positional(here: Here, call: ast.Call) -> tuple[ast.Expr, ...]:
    """Return the arguments of a call that takes values by position only."""
    if call.named:
        name = call.named[0]
        reason = f"`{write(call.function)}` takes no argument by name"
        raise here.reject(WrongArguments(name.span, reason))
    return tuple(value(here, arg) for arg in call.args)


def value(here: Here, arg: ast.Value) -> ast.Expr:
    """Return an argument that is a value, and no range."""
    if isinstance(arg, ast.Range):
        raise here.reject(WrongArguments(arg.span, "a range is no value"))
    return arg


def counted(count: int) -> str:
    """Write a number of arguments."""
    return "1 argument" if count == 1 else f"{count} arguments"
