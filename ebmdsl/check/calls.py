"""Calls: catalogue functions, the user's functions and nets, values at other points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, cast

from ebmdsl.check import reports
from ebmdsl.check.arguments import bound_options, refused, signature
from ebmdsl.check.derivatives import DERIVATIVES, derivative
from ebmdsl.check.domains import number, taken
from ebmdsl.check.elsewhere import at_point
from ebmdsl.check.functions import of_closure, of_func
from ebmdsl.check.here import Here, counted, positional
from ebmdsl.check.laws import likelihood
from ebmdsl.check.mistakes import WrongArguments
from ebmdsl.check.model import Block, Declared, Term, Used
from ebmdsl.check.net_mistakes import LayerOutsideNet
from ebmdsl.check.nets import applied
from ebmdsl.check.reductions import OVER_INDEX, batch, over_index
from ebmdsl.check.roles import role_of
from ebmdsl.check.schedules import inline
from ebmdsl.check.scope import Callee, Closure, Template
from ebmdsl.check.statement_mistakes import WrongRole
from ebmdsl.check.used import applied as applied_part
from ebmdsl.check.used import used
from ebmdsl.check.value_mistakes import MisplacedExpression
from ebmdsl.concepts.base import default, find, words
from ebmdsl.concepts.kinds import Function, Law, Layer, Schedule
from ebmdsl.concepts.shape import Misfit
from ebmdsl.expr.build import add, subtract
from ebmdsl.expr.calls import call
from ebmdsl.expr.node import Node, Op, make
from ebmdsl.source.suggest import did_you_mean
from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write

AT_POINTS = ("E", "F", "logZ")


def called(here: Here, expr: ast.Call) -> Node:
    """Return the node of a call."""
    match expr.function:
        case ast.Name() as name if name.text in here.local.functions:
            return _of_callee(here, expr, callee=here.local.functions[name.text])
        case ast.Name() as name:
            return _by_name(here, expr, name=name)
        case ast.At(base=ast.Name() as name, subscripts=(ast.Name() as index,)) if (
            name.text in OVER_INDEX or here.scope.get(name.text) is None
        ):
            return over_index(here, expr, word=name, index=index)
        case ast.Attr(base=base) as part if (model := used(here, base)) is not None:
            return applied_part(here, expr, expr=part, model=model)
        case ast.Lambda() as function:
            return of_closure(
                here, expr, closure=Closure(function, here.local, (*here.scope.working,))
            )
        case ast.Call(function=ast.Name() as layer) if find(Layer, layer.text) is not None:
            raise here.reject(LayerOutsideNet(layer.span, layer.text))
        case other:
            reason = "only what has a name can be called"
            raise here.reject(WrongArguments(other.span, reason, "name it by a `let`"))


def _of_callee(here: Here, expr: ast.Call, *, callee: Callee) -> Node:
    """Call what a parameter stands for."""
    match callee:
        case Closure():
            return of_closure(here, expr, closure=callee)
        case ast.Func():
            return of_func(here, expr, func=callee)
        case Template():
            return _of_net(here, expr, net=callee)
        case ast.Name():
            return _catalogue(here, replace(expr, function=callee), name=callee)


def _of_net(here: Here, expr: ast.Call, *, net: Template) -> Node:
    args = here.nodes(positional(here, expr))
    return applied(here.scope, net, args=args, span=expr.span)


def _by_name(here: Here, expr: ast.Call, *, name: ast.Name) -> Node:
    if name.text in AT_POINTS:
        return at_point(here, expr, name=name)
    if name.text in here.local.values:
        reason = f"`{name.text}` is a value here, no function"
        raise here.reject(WrongArguments(name.span, reason))
    bound = here.scope.get(name.text)
    match bound:
        case ast.Func():
            return of_func(here, expr, func=bound)
        case Template():
            return _of_net(here, expr, net=bound)
        case Term() | Declared() | Block():
            return at_point(here, expr, name=name)
        case Used():
            reason = f"`{name.text}(…)` is a model at a sample: say what of it"
            raise here.reject(WrongArguments(expr.span, reason, f"as `{name.text}(y).z`"))
        case None:
            return _catalogue(here, expr, name=name)
        case _:
            reason = f"`{name.text}` is no function"
            raise here.reject(WrongRole(name.span, reason, bound.span, role_of(bound)))


_SPECIAL: dict[str, Callable[[Here, ast.Call], Node]] = {
    "nll": likelihood,
    "batch": batch,
}


def _catalogue(here: Here, expr: ast.Call, *, name: ast.Name) -> Node:
    special = _special(here, expr, word=name.text)
    if special is not None:
        return special
    concept = find(Function, name.text)
    if concept is None:
        raise _unknown(here, expr, name=name)
    if name.text in ("min", "max") and len(expr.args) == _PAIR:
        return _of_two(here, expr, word=name.text)
    expr = _in_order(here, expr, concept=concept)
    nodes, rest = _arguments(here, expr, concept=concept)
    taken(here, expr, kinds=concept.takes, nodes=nodes)
    options = bound_options(here.scope, concept, written=rest, at=expr)
    function = _made(concept, options)
    misfit = function.shape(*(node.shape for node in nodes))
    if isinstance(misfit, Misfit) and misfit.option:
        raise here.reject(refused(concept, misfit, written=rest, at=expr))
    if concept.over_split:
        return reports.over_split(here, expr, function=function, nodes=nodes)
    over = here.local.report and not here.local.per_sample
    if over and name.text in reports.OVER_SPLIT:
        return reports.reduced(nodes[0], function if options else name.text)
    return call(function, *nodes)


def _unknown(here: Here, expr: ast.Call, *, name: ast.Name) -> Exception:
    if find(Law, name.text) is None or name.text in here.scope.working:
        return here.scope.unknown(name, "function", known=words(Function))
    return here.reject(
        MisplacedExpression(
            expr.span,
            f"the law `{write(expr)}`",
            "a law is no value",
            "draw from it by `random x : … ~ law`, or judge a value by `nll(law, v)`",
        )
    )


def _arguments(
    here: Here, expr: ast.Call, *, concept: type[Function]
) -> tuple[list[Node], ast.Call]:
    """Return the values that a function takes, and the call with its options only."""
    count = len(expr.args) if concept.variadic else len(concept.facts)
    values = positional(here, replace(expr, named=(), args=expr.args[:count]))
    if len(values) < count or not values:
        reason = f"`{concept.word}` needs {counted(max(count, 1))}, not {len(values)}"
        raise here.reject(WrongArguments(expr.span, reason))
    return list(here.nodes(values)), replace(expr, args=expr.args[count:])


def _made(concept: Callable[..., Function], options: dict[str, Any]) -> Function:
    return concept(**options)


_PAIR = 2


def _of_two(here: Here, expr: ast.Call, *, word: str) -> Node:
    """Return the lesser or the greater of two values, entry by entry."""
    args = positional(here, expr)
    nodes = here.nodes(args)
    left, right = (number(here, node, at=at) for node, at in zip(nodes, args, strict=True))
    if right.op is Op.CONST and not right.shape:
        clamp: Any = find(Function, "clamp")
        end = {"high": right.data} if word == "min" else {"low": right.data}
        return call(clamp(**end), left)
    beyond = call(default(Function, "relu"), subtract(left, right))
    return subtract(left, beyond) if word == "min" else add(right, beyond)


def _in_order(here: Here, expr: ast.Call, *, concept: type[Function]) -> ast.Call:
    """Move arguments that are given by name, as in `hide(y, where = m)`, to their places."""
    options = {each.name for each in fields(cast("Any", concept))}
    for each in expr.named:
        if each.name.text not in (*concept.names, *options):
            hint = did_you_mean(each.name.text, (*concept.names, *options))
            reason = f"`{concept.word}` has no option `{each.name.text}`"
            mistake = WrongArguments(each.name.span, reason, hint or signature(concept))
            raise here.reject(mistake)
    named = {each.name.text: each.value for each in expr.named}
    moved = [named[name] for name in concept.names[len(expr.args) :] if name in named]
    rest = tuple(each for each in expr.named if each.name.text not in concept.names)
    return replace(expr, args=(*expr.args, *moved), named=rest)


def _special(here: Here, expr: ast.Call, *, word: str) -> Node | None:
    """Return the node of a word that is no function of its argument's value alone."""
    if word in DERIVATIVES:
        return derivative(here, expr, word=word)
    if word in reports.ONLY_THERE:
        return reports.in_report(here, expr, word=word)
    if word in _SPECIAL:
        return _SPECIAL[word](here, expr)
    if word == "stop":
        return _stopped(here, expr)
    if find(Schedule, word) is not None:
        return inline(here, expr)
    return None


def _stopped(here: Here, expr: ast.Call) -> Node:
    args = positional(here, expr)
    if len(args) != 1:
        reason = f"`stop` takes one argument, not {len(args)}"
        raise here.reject(WrongArguments(expr.span, reason))
    inner = here.node(args[0])
    return make(Op.STOP, (inner,), shape=inner.shape, plates=inner.plates)
