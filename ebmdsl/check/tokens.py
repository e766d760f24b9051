"""Tokens in nets: how many signs a first layer must know."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from ebmdsl.check.domains import domain_of
from ebmdsl.check.value_mistakes import WrongDomain
from ebmdsl.concepts.pipes import Inner, Pipe
from ebmdsl.expr.node import Op
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.check.layers import Reading
    from ebmdsl.check.scope import Scope
    from ebmdsl.concepts.kinds import Layer
    from ebmdsl.expr.node import Node

_NUMBERS = frozenset({"real", "nonneg", "positive", "spin", "sphere"})


def alphabet(scope: Scope, node: Node) -> int:
    """Return how many signs a value of tokens is written in, or 0 where it holds numbers."""
    domain = domain_of(node)
    if domain.name != "token":
        return 0
    return domain.size + (1 if _hides(scope) else 0)


def _hides(scope: Scope) -> bool:
    """Tell whether a mask sign occurs in the program: one more than the tokens."""
    pieces = (each for held in scope.statements.values() for each in ast.walk(held))
    return any(isinstance(each, ast.Name) and each.text == "hide" for each in pieces)


def told(reading: Reading, body: Pipe, *, signs: int) -> Pipe:
    """Tell the first layer, if it asks, how many signs there are."""
    first, *rest = body.layers
    new = _told(reading, first, signs=signs)
    if new is first:
        return body
    reading.replaced(first, new)
    return replace(body, layers=(new, *rest))


def check_signs(reading: Reading, body: Pipe | Layer, *, node: Node) -> None:
    """Report a first layer that embeds signs where the net is given numbers."""
    match body:
        case Pipe():
            check_signs(reading, body.layers[0], node=node)
        case Inner():
            check_signs(reading, body.body, node=node)
        case _ if node.op is Op.VARIABLE and domain_of(node).name in _NUMBERS:
            options: Any = body
            if any(each.name == "alphabet" for each in fields(options)):
                raise reading.scope.reject(_no_signs(reading, body, node=node))
        case _:
            return


def _told(reading: Reading, layer: Layer, *, signs: int) -> Layer:
    if isinstance(layer, Pipe):
        return told(reading, layer, signs=signs)
    if isinstance(layer, Inner):
        return replace(layer, body=told(reading, layer.body, signs=signs))
    options: Any = layer
    if not any(each.name == "alphabet" for each in fields(options)):
        raise reading.scope.reject(_no_numbers(reading, layer))
    return layer if options.alphabet else replace(options, alphabet=signs)


def _no_signs(reading: Reading, layer: Layer, *, node: Node) -> WrongDomain:
    given = domain_of(node).name
    reason = f"`{layer.word}` takes tokens, but the net is given {given} numbers"
    return WrongDomain(reading.span(layer), reason, "begin the net with `linear(…)`")


def _no_numbers(reading: Reading, layer: Layer) -> WrongDomain:
    reason = f"`{layer.word}` computes with numbers, but the net is given tokens"
    return WrongDomain(reading.span(layer), reason, "begin the net with `embed(…)`")
