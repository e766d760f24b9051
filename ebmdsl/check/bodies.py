"""Functions that nothing calls: the names in them are known all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.check.arguments import CONSTANTS
from ebmdsl.check.scope import RESERVED, RejectedError, Scope
from ebmdsl.concepts import kinds
from ebmdsl.concepts.base import words
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = (kinds.Function, kinds.Law, kinds.Layer, kinds.Schedule, kinds.Solver, kinds.Sampler)


def check_bodies(scope: Scope, file: ast.File) -> None:
    """Report names in functions that nothing declares; a call would report the same."""
    functions = [each for each in file.statements if isinstance(each, ast.Func)]
    if not functions:
        return
    known = {*RESERVED, *CONSTANTS, *_indices(file)}
    known |= {word for kind in KINDS for word in words(kind)}
    for name in (name for function in functions for name in _free(function)):
        if name.text not in known:
            _check(scope, name)


def _free(function: ast.Func) -> Iterator[ast.Name]:
    """Yield the names in a function that are none of its arguments."""
    own = {param.text for param in function.params}
    return (name for name in _values(function.expr) if name.text not in own)


def _check(scope: Scope, name: ast.Name) -> None:
    try:
        if scope.get(name.text) is None:
            raise scope.unknown(name, "name", known=words(kinds.Function))
    except RejectedError:
        return


def _indices(file: ast.File) -> Iterator[str]:
    """Name all indices of a program: a function sees those of where it is called."""
    for piece in ast.walk(file):
        match piece:
            case ast.Binder():
                yield piece.name.text
            case ast.At():
                found = (name for each in piece.subscripts for name in ast.walk(each))
                yield from (each.text for each in found if isinstance(each, ast.Name))
            case ast.Lambda():
                yield from (param.text for param in piece.params)
            case _:
                continue


def _values(expr: ast.Syntax) -> Iterator[ast.Name]:
    """Yield the names that stand for a value: not what is called, nor options or fields."""
    match expr:
        case ast.Name():
            yield expr
        case ast.Attr():
            yield from _values(expr.base)
        case ast.Call():
            for each in expr.args:
                yield from _values(each)
        case ast.Pipe():
            yield from _values(expr.parts[0])
        case _:
            for each in ast.children(expr):
                yield from _values(each)
