"""Tokens in nets: how many signs a first layer must know."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from ebmdsl.concepts.pipes import Inner, Pipe
from ebmdsl.expr.node import Node, Op
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.check.layers import Reading
    from ebmdsl.check.scope import Scope
    from ebmdsl.concepts.kinds import Layer

_MOVED = (Op.INDEX, Op.SHIFT, Op.STACK, Op.STOP, Op.POINT)


def alphabet(scope: Scope, node: Node) -> int:
    """Return how many signs a value of tokens is written in, or 0 where it holds numbers."""
    if node.op is Op.VARIABLE and node.data.domain.name == "token":
        return node.data.domain.size + (1 if _hides(scope) else 0)
    hidden = node.op is Op.CALL and node.data.word == "hide"
    if (node.op in _MOVED or hidden) and node.args:
        return alphabet(scope, node.args[0])
    return 0


def _hides(scope: Scope) -> bool:
    """Tell whether a mask sign occurs in the program: one more than the tokens."""
    pieces = (each for held in scope.statements.values() for each in ast.walk(held))
    return any(isinstance(each, ast.Name) and each.text == "hide" for each in pieces)


def told(reading: Reading, body: Pipe, signs: int) -> Pipe:
    """Tell the first layer, if it asks, how many signs there are."""
    first, *rest = body.layers
    new = _told(reading, first, signs) if signs else first
    if new is first:
        return body
    reading.replaced(first, new)
    return replace(body, layers=(new, *rest))


def _told(reading: Reading, layer: Layer, signs: int) -> Layer:
    if isinstance(layer, Pipe):
        return told(reading, layer, signs)
    if isinstance(layer, Inner):
        return replace(layer, body=told(reading, layer.body, signs))
    options: Any = layer
    asks = any(each.name == "alphabet" for each in fields(options)) and not options.alphabet
    return replace(options, alphabet=signs) if asks else layer
