"""Nets: from a pipe of layers to typed layers, with shapes inferred at the first use."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from ebmdsl.check.arguments import chosen, parts, whole
from ebmdsl.check.mistakes import NotSupportedYet, ShapeMismatch, WrongArguments
from ebmdsl.check.model import Net
from ebmdsl.check.scope import Template
from ebmdsl.concepts.kinds import Constraint, Layer
from ebmdsl.concepts.shape import Misfit, Shape, show, size
from ebmdsl.expr.build import joined_plates
from ebmdsl.expr.node import Node, Op, make
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.check.scope import Scope
    from ebmdsl.source.text import Span


def applied(scope: Scope, template: Template, *, args: tuple[Node, ...], span: Span) -> Node:
    """Return a net applied to its inputs; several inputs are laid end to end."""
    shape = _input(scope, args, span=span)
    net = scope.nets.get(template.statement.name.text) or build(scope, template, shape=shape)
    if net.input != shape:
        reason = f"`{net.name}` was used with {show(net.input)} before, not {show(shape)}"
        raise scope.reject(ShapeMismatch(span, reason, "use another net for another shape"))
    scope.nets[net.name] = net
    return make(Op.APPLY, args, data=net, shape=net.output, plates=joined_plates(args))


def _input(scope: Scope, args: tuple[Node, ...], *, span: Span) -> Shape:
    if not args:
        raise scope.reject(WrongArguments(span, "a net needs an input"))
    if len(args) == 1:
        return args[0].shape
    return (sum(size(arg.shape) for arg in args),)


def build(scope: Scope, template: Template, *, shape: Shape) -> Net:
    """Type a net for an input of this shape."""
    statement = template.statement
    with scope.inside(statement.name, statement.span):
        layers = flat_layers(scope, statement.expr)
    weights: list[tuple[str, Shape]] = []
    used: dict[str, count[int]] = {}
    current = shape
    for layer, span in layers:
        after = layer.shape(current)
        if isinstance(after, Misfit):
            raise scope.reject(ShapeMismatch(span, after.reason, after.remedy))
        weights += _weights(layer, current, used=used)
        current = after
    constraints = tuple(
        chosen(scope, Constraint, method=each, what="constraint") for each in statement.with_
    )
    net = Net(
        statement.name.text,
        tuple(layer for layer, _ in layers),
        input=shape,
        output=current,
        facts=tuple(layer.facts for layer, _ in layers),
        weights=tuple(weights),
        constraints=constraints,
        learned=template.learned,
        span=statement.name.span,
    )
    for constraint, written in zip(constraints, statement.with_, strict=True):
        if not net.obedient(constraint):
            reason = f"no weight of `{net.name}` can obey `{constraint.word}`"
            raise scope.reject(ShapeMismatch(written.span, reason, "constrain another net"))
    return net


def _weights(
    layer: Layer, shape: Shape, *, used: dict[str, count[int]]
) -> list[tuple[str, Shape]]:
    """Name the weights as the file does: the second linear is `linear_2`."""
    declared = layer.weights(shape)
    if not declared:
        return []
    number = next(used.setdefault(layer.word, count(1)))
    prefix = layer.word if number == 1 else f"{layer.word}_{number}"
    return [(f"{prefix}.{weight.name}", weight.shape) for weight in declared]


def flat_layers(scope: Scope, expr: ast.Expr) -> list[tuple[Layer, Span]]:
    """List the layers of a pipe, with `stack` and user nets written out."""
    match expr:
        case ast.Pipe():
            return [layer for part in expr.parts for layer in flat_layers(scope, part)]
        case ast.Call(function=ast.Name(text="stack"), args=(times, body)):
            if isinstance(times, ast.Range) or isinstance(body, ast.Range):
                raise scope.reject(WrongArguments(times.span, "`stack` takes a count"))
            return flat_layers(scope, body) * whole(scope, times)
        case ast.Call(function=ast.Name(text="residual" | "repeat" | "stack" | "unroll")):
            raise scope.reject(NotSupportedYet(expr.span, f"`{expr.function.span.text}`"))
        case _:
            return _layer(scope, expr)


def _layer(scope: Scope, expr: ast.Expr) -> list[tuple[Layer, Span]]:
    name, _ = parts(expr)
    bound = scope.get(name.text) if name is not None else None
    if isinstance(bound, Template):
        with scope.inside(bound.statement.name, expr.span):
            return flat_layers(scope, bound.statement.expr)
    return [(chosen(scope, Layer, method=expr, what="layer"), expr.span)]
