"""The user's functions: written out where they are called; functions may be arguments."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.check.attempts import every
from ebmdsl.check.here import counted, value
from ebmdsl.check.mistakes import WrongArguments
from ebmdsl.check.scope import Callee, Closure, Local, Template
from ebmdsl.concepts.base import find
from ebmdsl.concepts.kinds import Function
from ebmdsl.expr.node import Node
from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ebmdsl.check.here import Here


def of_func(here: Here, call: ast.Call, *, func: ast.Func) -> Node:
    """Return the value of a `func` for these arguments."""
    given = arguments(here, call, params=func.params, name=func.name.text)
    outer = here.local
    local = Local(
        plates=outer.plates,
        report=outer.report,
        place=outer.place,
        calls=outer.calls,
        per_sample=True,
    )
    inside = bound(local, func.params, given=given, call=call)
    with here.scope.inside(func.name, call.span):
        return replace(here, local=inside).node(func.expr)


def of_closure(here: Here, call: ast.Call, *, closure: Closure) -> Node:
    """Return the value of a function without a name for these arguments."""
    given = arguments(here, call, params=closure.expr.params, name="the function")
    if len(here.local.calls) > DEEPEST:
        reason = "functions call each other without an end"
        raise here.reject(WrongArguments(call.span, reason))
    calls = here.local.calls
    local = replace(closure.local, calls=calls)
    inside = bound(local, closure.expr.params, given=given, call=call)
    with here.scope.outside(closure.working):
        return replace(here, local=inside).node(closure.expr.body)


DEEPEST = 40


def bound(
    local: Local, params: Sequence[ast.Name], *, given: Sequence[Node | Callee], call: ast.Call
) -> Local:
    """Return the inside of a function whose parameters stand for these arguments."""
    pairs = [(param.text, arg) for param, arg in zip(params, given, strict=True)]
    names = {name for name, _ in pairs}
    values = {name: each for name, each in local.values.items() if name not in names}
    functions = {name: each for name, each in local.functions.items() if name not in names}
    values |= {name: arg for name, arg in pairs if isinstance(arg, Node)}
    functions |= {name: arg for name, arg in pairs if not isinstance(arg, Node)}
    calls = (*local.calls, call.span)
    return replace(local, values=values, functions=functions, calls=calls)


def arguments(
    here: Here, call: ast.Call, *, params: Sequence[ast.Name], name: str
) -> tuple[Node | Callee, ...]:
    """Return what a function is called with: values, and functions."""
    if call.named:
        reason = f"`{write(call.function)}` takes no argument by name"
        raise here.reject(WrongArguments(call.named[0].span, reason))
    shown = name if " " in name else f"`{name}`"
    if len(call.args) != len(params):
        reason = f"{shown} takes {counted(len(params))}, not {len(call.args)}"
        more = call.args[len(params)].span if len(call.args) > len(params) else call.span
        raise here.reject(WrongArguments(more, reason))
    return every(lambda arg: _argument(here, value(here, arg)), call.args)


def _argument(here: Here, arg: ast.Expr) -> Node | Callee:
    return callee(here, arg) or here.node(arg)


def callee(here: Here, arg: ast.Expr) -> Callee | None:
    """Return the function that an expression names, if it names one."""
    if isinstance(arg, ast.Lambda):
        return Closure(arg, here.local, tuple(here.scope.working))
    if not isinstance(arg, ast.Name) or arg.text in here.local.values:
        return None
    if arg.text in here.local.functions:
        return here.local.functions[arg.text]
    found = here.scope.get(arg.text)
    if isinstance(found, Template | ast.Func):
        return found
    known = found is None and arg.text not in here.scope.working
    return arg if known and find(Function, arg.text) is not None else None
