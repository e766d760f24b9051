"""Statements that say what to do with a model: run, report, expect, plot."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from ebmdsl.check.arguments import literal, parts
from ebmdsl.check.attempts import attempt, every
from ebmdsl.check.declarations import written
from ebmdsl.check.expressions import elaborate
from ebmdsl.check.mistakes import NotAConstant, ShapeMismatch, UnknownName, WrongArguments
from ebmdsl.check.model import Measure, Plot, Settings
from ebmdsl.check.scope import Local, Scope, Template
from ebmdsl.check.statement_mistakes import BadSetting
from ebmdsl.concepts.shape import is_scalar, show, size
from ebmdsl.expr.node import Node, Op, walk
from ebmdsl.source.suggest import did_you_mean
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Sequence

SPLITS = ("train", "validation", "test")
PICTURES = {
    "surface": "surface(F, y)",
    "tile": "tile(W)",
    "filters": "filters(W)",
    "orientation": "orientation(W)",
    "interpolate": "interpolate(yhat)",
    "histogram": "histogram(F)",
    "reconstructions": "reconstructions(yhat)",
    "scatter": "scatter(z)",
    "gallery": "gallery(yhat)",
}
PLANE = 2
MAY_BE_ZERO = ("seed", "epochs", "steps")
PRECISIONS = (32, 64)
POLICIES = ("warn", "raise", "retry")


def settings(scope: Scope, statements: Sequence[ast.Run]) -> Settings:
    """Read the `run` settings, the last value of each key."""
    result = Settings()
    for run in statements:
        _refuse_doubles(scope, run)
        for setting in run.settings:
            result = _set(scope, result, setting=setting)
    return result


def _refuse_doubles(scope: Scope, run: ast.Run) -> None:
    """Report a key that one `run` gives twice: one of the values was meant to go."""
    seen: set[str] = set()
    for setting in run.settings:
        name = setting.name
        if name.text in seen:
            scope.found.report(BadSetting(name.span, f"`{name.text}` is set twice"))
        seen.add(name.text)


def _set(scope: Scope, result: Settings, *, setting: ast.Named) -> Settings:
    name = setting.name.text
    known = tuple(each.name for each in fields(Settings))
    if name not in known:
        hint = did_you_mean(name, known) or f"known: {', '.join(f'`{each}`' for each in known)}"
        scope.found.report(BadSetting(setting.name.span, f"no setting `{name}`", hint))
        return result
    if isinstance(setting.value, ast.Name) and setting.value.text in scope.statements:
        scope.found.report(NotAConstant(setting.value.span, f"`{name}`"))
        return result
    if name == "on_failure":
        return _policy(scope, result, value=setting.value)
    value, least = literal(scope, setting.value), 0 if name in MAY_BE_ZERO else 1
    if not isinstance(value, int) or value < least:
        reason = f"`{name}` is a whole number of at least {least}"
        scope.found.report(BadSetting(setting.value.span, reason))
        return result
    if name == "precision" and value not in PRECISIONS:
        scope.found.report(BadSetting(setting.value.span, "`precision` is 32 or 64"))
        return result
    return replace(result, **{name: value})


def _policy(scope: Scope, result: Settings, *, value: ast.Value) -> Settings:
    """Read what follows where a search ends without a proof."""
    if isinstance(value, ast.Name) and value.text in POLICIES:
        return replace(result, on_failure=value.text)
    reason = f"`on_failure` is one of {', '.join(f'`{each}`' for each in POLICIES)}"
    scope.found.report(BadSetting(value.span, reason))
    return result


def _split(scope: Scope, on: ast.Name | None) -> str:
    if on is not None and on.text not in SPLITS:
        raise scope.reject(UnknownName(on.span, on.text, SPLITS, "split"))
    return "test" if on is None else on.text


def measure(scope: Scope, statement: ast.Report | ast.Expect) -> Measure:
    """Type a number to report or a condition to expect."""
    split = attempt(lambda: _split(scope, statement.on))
    inside = Local(report="test" if statement.on is None else statement.on.text)
    node = attempt(lambda: elaborate(scope, statement.expr, local=inside))
    if isinstance(statement, ast.Expect) and not isinstance(statement.expr, ast.Compare):
        node()
        reason = "an `expect` compares two numbers, as `expect mean(F) < 1`"
        raise scope.reject(WrongArguments(statement.expr.span, reason))
    if isinstance(statement, ast.Expect) or not _is_statistic(node()):
        _check_number(scope, statement.expr, node=node())
    name = statement.name.text if isinstance(statement, ast.Report) else ""
    text = written(statement.expr)
    return Measure(name, node(), split(), text, statement.span)


def _is_statistic(node: Node) -> bool:
    """Tell whether a value is of the split as a whole: it may have many numbers."""
    return not node.per_sample and any(each.op is Op.SPLIT for each in walk(node))


def _check_number(scope: Scope, expr: ast.Expr, *, node: Node) -> None:
    """Report several numbers where one is asked for; a statistic may have many."""
    if is_scalar(node.shape):
        return
    at = expr.left if isinstance(expr, ast.Compare) else expr
    reason = f"this is {show(node.shape)}, and a measure is one number"
    remedy = "average it: `mean(…)`, or pick an entry"
    raise scope.reject(ShapeMismatch(at.span, reason, remedy))


def plot(scope: Scope, statement: ast.Plot) -> Plot:
    """Read which picture is asked for, and of what."""
    split = attempt(lambda: _split(scope, statement.on))
    name, call = parts(statement.expr)
    if name is None:
        raise scope.reject(WrongArguments(statement.expr.span, "a picture is a word or a call"))
    if name.text not in PICTURES:
        known = UnknownName(name.span, name.text, tuple(PICTURES), "picture")
        raise scope.reject(known)
    if call is None or not call.args:
        reason = f"`{name.text}` needs what to draw"
        remedy = f"as `{PICTURES[name.text]}`"
        raise scope.reject(WrongArguments(statement.expr.span, reason, remedy))
    drawn = every(lambda arg: _drawn(scope, arg, word=name.text), call.args)
    arguments = tuple(text for text, _ in drawn)
    if name.text == "surface" and len(arguments) != PLANE:
        reason = "`surface` needs an energy and the variable that it is drawn over"
        remedy = f"as `{PICTURES[name.text]}`"
        raise scope.reject(WrongArguments(statement.expr.span, reason, remedy))
    nodes = tuple(node for _, node in drawn)
    return Plot(name.text, arguments, split(), statement.span, nodes=nodes)


def _drawn(scope: Scope, arg: ast.Value, *, word: str) -> tuple[str, Node | None]:
    """Return what is drawn, as it was written and as a value; a net has weights only."""
    if isinstance(arg, ast.Range):
        raise scope.reject(WrongArguments(arg.span, "a range is no picture"))
    bound = scope.get(arg.text) if isinstance(arg, ast.Name) else None
    if isinstance(bound, Template):
        return arg.span.text, None
    node = elaborate(scope, arg, local=Local(report="test"))
    if word == "surface" and size(node.shape) > PLANE:
        reason = f"`{arg.span.text}` is {show(node.shape)}, and a surface has two directions"
        raise scope.reject(ShapeMismatch(arg.span, reason, "draw it over a point of a plane"))
    if word in ("tile", "filters", "orientation") and is_scalar(node.shape):
        reason = f"`{arg.span.text}` is one number, and a picture has many"
        raise scope.reject(ShapeMismatch(arg.span, reason, "draw something with entries"))
    return arg.span.text, node
