"""How parameters start: a law, a number, statistics of the data, or an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.check.arguments import chosen, parts, unfit
from ebmdsl.check.expressions import elaborate
from ebmdsl.check.mistakes import ShapeMismatch, UnknownName, WrongArguments
from ebmdsl.check.model import Block, Declared, Init
from ebmdsl.check.plates import whole_node
from ebmdsl.check.scope import Local, Scope
from ebmdsl.concepts.base import find
from ebmdsl.concepts.kinds import Law
from ebmdsl.concepts.shape import is_scalar, show
from ebmdsl.expr.node import Op
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.concepts.shape import Shape

LOG_Z = "logZ"
STATISTICS = ("mean", "std", "cov")
START = "start"


def initial(scope: Scope, expr: ast.Expr, *, shape: Shape) -> Init:
    """Read how a parameter of a shape starts."""
    name, call = parts(expr)
    shadowed = name is not None and scope.get(name.text) is not None
    match name, call:
        case ast.Name(text="logZ"), None:
            return Init(LOG_Z)
        case ast.Name(text="kmeans_pp"), ast.Call() if not shadowed:
            return Init("kmeans_pp", of=_clustered(scope, call, shape=shape))
        case ast.Name(text="logit"), ast.Call() if not shadowed:
            return Init("logit", of=_averaged(scope, call, shape=shape))
        case ast.Name() as word, _ if not shadowed and find(Law, word.text) is not None:
            return _drawn(scope, expr, shape=shape)
        case _:
            return _computed(scope, expr, shape=shape)


def _drawn(scope: Scope, expr: ast.Expr, *, shape: Shape) -> Init:
    law = chosen(scope, Law, method=expr, what="law")
    misfit = law.misfit(shape)
    if misfit is not None:
        raise scope.reject(unfit(law, misfit, written=expr))
    return Init(law.word, (law,))


def _computed(scope: Scope, expr: ast.Expr, *, shape: Shape) -> Init:
    """Return a number, or a value that is computed once from data, parts and constants."""
    node = elaborate(scope, expr, local=Local(place=START))
    if not is_scalar(node.shape) and (node.plates or node.shape != shape):
        reason = f"this is {show(node.shape)}, and what starts so is {show(shape)}"
        raise scope.reject(ShapeMismatch(expr.span, reason))
    if node.op is Op.CONST:
        return Init("constant", (node.data,))
    return Init("value", (node,), of=" ".join(expr.span.text.split()))


def _clustered(scope: Scope, call: ast.Call, *, shape: Shape) -> str:
    """Return what `kmeans_pp(e)` takes its columns from."""
    name = _argument(scope, call)
    if not isinstance(name, ast.Name):
        reason = "`kmeans_pp` takes a variable or a node by name"
        raise scope.reject(WrongArguments(call.span, reason, "as `kmeans_pp(y)`"))
    value = _named(scope, name)
    if not shape or value not in (shape[:-1], shape[1:]):
        reason = f"`{name.text}` is {show(value)}, and what starts so is {show(shape)}"
        raise scope.reject(ShapeMismatch(call.span, reason, "each column is one sample of it"))
    return name.text


def _averaged(scope: Scope, call: ast.Call, *, shape: Shape) -> str:
    """Return what `logit(v.mean)` is of."""
    value = _argument(scope, call)
    if not isinstance(value, ast.Attr) or not isinstance(value.base, ast.Name):
        reason = "`logit` takes a statistic of a variable"
        raise scope.reject(WrongArguments(call.span, reason, "as `logit(v.mean)`"))
    found, statistic = _named(scope, value.base), value.name
    if statistic.text not in STATISTICS:
        known = UnknownName(statistic.span, statistic.text, STATISTICS, "statistic")
        raise scope.reject(known)
    if found != shape:
        reason = f"`{value.base.text}` is {show(found)}, and what starts so is {show(shape)}"
        raise scope.reject(ShapeMismatch(value.span, reason))
    return f"{value.base.text}.{statistic.text}"


def _argument(scope: Scope, call: ast.Call) -> ast.Value:
    if len(call.args) != 1 or call.named:
        reason = f"`{call.function.span.text}` takes one argument"
        raise scope.reject(WrongArguments(call.span, reason))
    return call.args[0]


def _named(scope: Scope, name: ast.Name) -> Shape:
    """Return the shape of what a start is made of."""
    bound = scope.get(name.text)
    if isinstance(bound, Declared | Block):
        return whole_node(bound).shape
    raise scope.unknown(name, "variable", known=())
