"""Calls: catalogue functions, the user's functions and nets, terms at other points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, final

from ebmdsl._record import record
from ebmdsl.check.arguments import bound_options
from ebmdsl.check.mistakes import NotSupportedYet, WrongArguments
from ebmdsl.check.model import Block, Declared, Term
from ebmdsl.check.nets import applied
from ebmdsl.check.plates import bound_plates, whole_node
from ebmdsl.check.reports import CERTIFICATES, OVER_SPLIT, certificate, over_split
from ebmdsl.check.scope import Local, Scope, Template
from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Function
from ebmdsl.expr.build import ShapeError
from ebmdsl.expr.calls import call
from ebmdsl.expr.node import Node, Op, Plate, make
from ebmdsl.expr.rebuild import substitute
from ebmdsl.syntax import ast


class Elaborate(Protocol):
    """Turns an expression into a node; handed down, because expressions contain calls."""

    def __call__(self, scope: Scope, expr: ast.Expr, *, local: Local) -> Node:
        """Return the node of an expression."""
        ...


OVER_INDEX = ("sum", "mean", "std", "min", "max", "logsumexp")
DERIVATIVES = ("grad", "laplacian", "jvp", "jacobian_norm")


@final
@record
class Derivative:
    """A derivative expression: its word and the variables it is taken with respect to."""

    word: str
    names: frozenset[str]


def called(scope: Scope, expr: ast.Call, *, local: Local, elaborate: Elaborate) -> Node:
    """Return the node of a call."""
    match expr.function:
        case ast.Name() as name:
            return _by_name(scope, expr, name=name, local=local, elaborate=elaborate)
        case ast.At(base=ast.Name() as name, subscripts=(ast.Name() as index,)):
            return _over_index(
                scope, expr, called=(name, index), local=local, elaborate=elaborate
            )
        case _:
            raise scope.reject(NotSupportedYet(expr.function.span, "a call of this"))


def _by_name(
    scope: Scope, expr: ast.Call, *, name: ast.Name, local: Local, elaborate: Elaborate
) -> Node:
    bound = None if name.text in ("E", "F") else scope.get(name.text)
    match bound:
        case ast.Func():
            return _function(scope, expr, func=bound, local=local, elaborate=elaborate)
        case Template():
            args = tuple(elaborate(scope, arg, local=local) for arg in _exprs(scope, expr))
            return applied(scope, bound, args=args, span=expr.span)
        case Term() | Declared() | Block():
            return _at_point(
                scope, expr, node=whole_value(bound), local=local, elaborate=elaborate
            )
        case None:
            return _catalogue(scope, expr, name=name, local=local, elaborate=elaborate)
        case _:
            raise scope.reject(NotSupportedYet(expr.span, f"a call of `{name.text}`"))


def whole_value(bound: Term | Declared | Block) -> Node:
    """Return the node that a name stands for, with its plates."""
    return bound.node if isinstance(bound, Term) else whole_node(bound)


def _exprs(scope: Scope, expr: ast.Call) -> tuple[ast.Expr, ...]:
    """Return the positional arguments of a call that takes values only."""
    if expr.named:
        name = expr.named[0]
        reason = f"`{expr.function.span.text}` takes no argument by name"
        raise scope.reject(WrongArguments(name.span, reason))
    return tuple(_value(scope, arg) for arg in expr.args)


def _value(scope: Scope, arg: ast.Value) -> ast.Expr:
    if isinstance(arg, ast.Range):
        raise scope.reject(WrongArguments(arg.span, "a range is no value"))
    return arg


def _function(
    scope: Scope, expr: ast.Call, *, func: ast.Func, local: Local, elaborate: Elaborate
) -> Node:
    values = [elaborate(scope, arg, local=local) for arg in _exprs(scope, expr)]
    if len(values) != len(func.params):
        reason = f"`{func.name.text}` takes {len(func.params)} arguments, not {len(values)}"
        raise scope.reject(WrongArguments(expr.span, reason))
    names = (param.text for param in func.params)
    inside = local.bind(dict(zip(names, values, strict=True)))
    with scope.inside(func.name, expr.span):
        return elaborate(scope, func.expr, local=inside)


def _over_index(
    scope: Scope,
    expr: ast.Call,
    *,
    called: tuple[ast.Name, ast.Name],
    local: Local,
    elaborate: Elaborate,
) -> Node:
    """Return a reduction over one index: `mean[j](F(yn[j]))`."""
    name, index = called
    if name.text not in OVER_INDEX:
        raise scope.unknown(name, "reduction over an index", known=OVER_INDEX)
    value, *more = _exprs(scope, expr)
    if more:
        raise scope.reject(WrongArguments(expr.span, f"`{name.text}` takes one argument"))
    binder = ast.Binder(index, span=index.span)
    (plate,) = bound_plates(scope, (binder,), expr=value, local=local)
    inside = replace(local, plates={**local.plates, plate.index: plate})
    node = elaborate(scope, value, local=inside)
    if plate not in node.plates:
        return node
    rest = tuple(each for each in node.plates if each != plate)
    data = (name.text, plate.index)
    return make(Op.OVER_PLATE, (node,), data=data, shape=node.shape, plates=rest)


def _at_point(
    scope: Scope, expr: ast.Call, *, node: Node, local: Local, elaborate: Elaborate
) -> Node:
    """Return a term or a node with some variables replaced: `recon(z = 0)`."""
    values: dict[str, Node] = {}
    for argument in expr.named:
        bound = scope.get(argument.name.text)
        if not isinstance(bound, Declared | Block):
            raise scope.unknown(argument.name, "variable", known=())
        value = elaborate(scope, _value(scope, argument.value), local=local)
        values[argument.name.text] = _shaped(value, bound)
    if expr.args:
        raise scope.reject(WrongArguments(expr.span, "name what is replaced: `… (y = …)`"))
    return substitute(node, values)


def _free_energy(scope: Scope, expr: ast.Call, *, local: Local, elaborate: Elaborate) -> Node:
    """Return F at another point: its latents are found there anew."""
    given = [(each.name, _value(scope, each.value)) for each in expr.named]
    given += [(_observed(scope, expr), _value(scope, each)) for each in expr.args]
    values: dict[str, Node] = {}
    for name, value in given:
        bound = scope.get(name.text)
        if not isinstance(bound, Declared):
            raise scope.unknown(name, "variable", known=())
        values[name.text] = _point(value, bound, scope=scope, local=local, elaborate=elaborate)
    args = tuple(values.values())
    return make(
        Op.POINT, args, data=("F", tuple(values)), plates=_several(args, values, scope=scope)
    )


def _observed(scope: Scope, expr: ast.Call) -> ast.Name:
    """Return the only observed variable, which an argument without a name replaces."""
    declared = [s for s in scope.statements.values() if isinstance(s, ast.Variable)]
    observed = [each.name for each in declared if each.declare == "observed"]
    if len(observed) != 1 or len(expr.args) != 1:
        raise scope.reject(WrongArguments(expr.span, "name what is replaced: `… (y = …)`"))
    return observed[0]


def _point(
    value: ast.Expr, bound: Declared, *, scope: Scope, local: Local, elaborate: Elaborate
) -> Node:
    other = scope.get(value.text) if isinstance(value, ast.Name) else None
    if isinstance(other, Declared):
        return _shaped(whole_node(other), bound)
    return _shaped(elaborate(scope, value, local=local), bound)


def _several(
    args: tuple[Node, ...], values: dict[str, Node], *, scope: Scope
) -> tuple[Plate, ...]:
    """Return the plates that a point has beyond those of what it replaces."""
    own = {plate for name in values for plate in _plates_of(scope, name)}
    return tuple(plate for arg in args for plate in arg.plates if plate not in own)


def _plates_of(scope: Scope, name: str) -> tuple[Plate, ...]:
    bound = scope.get(name)
    return bound.plates if isinstance(bound, Declared) else ()


def _shaped(value: Node, bound: Declared | Block) -> Node:
    shape = whole_node(bound).shape
    if value.shape == shape or not value.shape:
        return value
    raise ShapeError(f"`{bound.name}` is {shape}, what replaces it is {value.shape}")


def _catalogue(
    scope: Scope, expr: ast.Call, *, name: ast.Name, local: Local, elaborate: Elaborate
) -> Node:
    special = _special(scope, expr, name=name, local=local, elaborate=elaborate)
    if special is not None:
        return special
    concept = find(Function, name.text)
    if concept is None:
        raise scope.unknown(name, "function", known=words(Function))
    expr = _in_order(concept, expr)
    taken = len(expr.args) if concept.variadic else len(concept.facts)
    values = _exprs(scope, replace(expr, named=(), args=expr.args[:taken]))
    if len(values) < taken:
        reason = f"`{name.text}` needs {_counted(taken)}, not {len(values)}"
        raise scope.reject(WrongArguments(expr.span, reason))
    nodes = [elaborate(scope, value, local=local) for value in values]
    rest = replace(expr, args=expr.args[taken:])
    options = bound_options(scope, concept, written=rest, at=expr)
    return call(_made(concept, options), *nodes)


def _made(concept: Callable[..., Function], options: dict[str, Any]) -> Function:
    return concept(**options)


def _counted(count: int) -> str:
    return "1 argument" if count == 1 else f"{count} arguments"


def _in_order(concept: type[Function], expr: ast.Call) -> ast.Call:
    """Move arguments that are given by name, as in `hide(y, where = m)`, to their places."""
    named = {each.name.text: each.value for each in expr.named}
    moved = [named[name] for name in concept.names[len(expr.args) :] if name in named]
    rest = tuple(each for each in expr.named if each.name.text not in concept.names)
    return replace(expr, args=(*expr.args, *moved), named=rest)


def _special(
    scope: Scope, expr: ast.Call, *, name: ast.Name, local: Local, elaborate: Elaborate
) -> Node | None:
    """Return the node of a word that is no function of its argument's value alone."""
    if name.text == "stop":
        inner = _only(scope, expr, local=local, elaborate=elaborate)
        return make(Op.STOP, (inner,), shape=inner.shape, plates=inner.plates)
    if name.text in DERIVATIVES:
        return _derivative(scope, expr, name=name, local=local, elaborate=elaborate)
    if local.report and name.text in OVER_SPLIT:
        return over_split(name.text, _only(scope, expr, local=local, elaborate=elaborate))
    if local.report and name.text in CERTIFICATES:
        return _certificate(scope, expr, name=name)
    if name.text == "E":
        return _at_point(
            scope,
            expr,
            node=elaborate(scope, name, local=local),
            local=local,
            elaborate=elaborate,
        )
    if name.text == "F":
        return _free_energy(scope, expr, local=local, elaborate=elaborate)
    return None


def _only(scope: Scope, expr: ast.Call, *, local: Local, elaborate: Elaborate) -> Node:
    values = _exprs(scope, expr)
    if len(values) != 1:
        reason = f"`{expr.function.span.text}` takes one argument, not {len(values)}"
        raise scope.reject(WrongArguments(expr.span, reason))
    return elaborate(scope, values[0], local=local)


def _certificate(scope: Scope, expr: ast.Call, *, name: ast.Name) -> Node:
    match expr.args:
        case (ast.Name() as latent,) if isinstance(scope.get(latent.text), Declared):
            return certificate(name.text, latent.text)
        case _:
            raise scope.reject(WrongArguments(expr.span, f"`{name.text}` takes a latent"))


def _derivative(
    scope: Scope, expr: ast.Call, *, name: ast.Name, local: Local, elaborate: Elaborate
) -> Node:
    wanted = 3 if name.text == "jvp" else 2
    args = _exprs(scope, expr)
    if len(args) != wanted:
        reason = f"`{name.text}` takes {wanted} arguments, not {len(args)}"
        raise scope.reject(WrongArguments(expr.span, reason))
    value, at, *rest = [elaborate(scope, arg, local=local) for arg in args]
    if at.op is not Op.VARIABLE:
        raise scope.reject(NotSupportedYet(expr.span, "a derivative at an expression"))
    shape = {"grad": at.shape, "jvp": value.shape}.get(name.text, ())
    data = Derivative(name.text, at.names)
    return make(Op.GRADIENT, (value, *rest), data=data, shape=shape)
