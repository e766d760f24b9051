"""Strategies think of exp(-F): where beta is another number than 1, F is multiplied by it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar, cast

from ebmdsl.syntax import ast

S = TypeVar("S", bound=ast.Syntax)
LIKE = ("marginalize", "sample")


def warmth(file: ast.File) -> ast.Expr | None:
    """Return the beta that a program sums or draws at, where it says one."""
    infers = [each for each in file.statements if isinstance(each, ast.Infer)]
    found = [_beta(each) for each in infers if each.kind == "infer"]
    return next((each for each in found if each is not None), None)


def _beta(infer: ast.Infer) -> ast.Expr | None:
    match infer.method:
        case ast.Call(function=ast.Name(text=ring), named=named) if ring in LIKE:
            given = [each.value for each in named if each.name.text == "beta"]
            value = given[0] if given else None
            return None if isinstance(value, ast.Range) or value == ast.Number(1) else value
        case _:
            return None


def warmed(node: S, beta: ast.Expr) -> S:
    """Return the same tree with F, and F at any point, multiplied by beta."""
    changes: dict[str, Any] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, ast.Syntax):
            changes[each.name] = _warmed(value, beta)
        elif isinstance(value, tuple):
            values = cast("tuple[Any, ...]", value)
            changes[each.name] = tuple(
                _warmed(v, beta) if isinstance(v, ast.Syntax) else v for v in values
            )
    return replace(node, **changes)


def _warmed(node: ast.Syntax, beta: ast.Expr) -> ast.Syntax:
    match node:
        case ast.Name(text="F"):
            return ast.Binary("*", beta, node, span=node.span)
        case ast.Call(function=ast.Name(text="F")):
            args = tuple(warmed(each, beta) for each in node.args)
            named = tuple(warmed(each, beta) for each in node.named)
            call = replace(node, args=args, named=named)
            return ast.Binary("*", beta, call, span=node.span)
        case ast.Named():
            return replace(node, value=_warmed(node.value, beta))
        case _:
            return warmed(node, beta)
