"""One program laid over another: what takes whose place, and what goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Sequence

    Statements = tuple[ast.Statement, ...]

NAMED = (
    ast.Use,
    ast.Data,
    ast.Variable,
    ast.Net,
    ast.State,
    ast.Func,
    ast.Node,
    ast.Term,
    ast.Negative,
    ast.Report,
    ast.Stage,
)

ZERO = ast.Number(0)


def overlaid(inherited: Sequence[ast.Statement], own: Sequence[ast.Statement]) -> Statements:
    """Return the statements of two programs as one.

    A declaration of the same name takes the inherited one's place; `infer` replaces the
    elimination of its names; the first `train`, or the first stage, drops all inherited
    training; `run` replaces key by key; `report` by name; `expect` and `plot` add. A term
    that is set to 0 is gone, unless another statement still asks for it.
    """
    left = list(own)
    kept: list[ast.Statement] = []
    for statement in inherited:
        replacement = next((each for each in left if _replaces(each, statement)), None)
        if replacement is not None:
            left.remove(replacement)
            kept.append(_combined(statement, replacement))
        elif not _dropped(statement, own):
            kept.append(_without(statement, own))
    return _without_zeros((*kept, *left), inherited)


def _without_zeros(whole: Statements, inherited: Sequence[ast.Statement]) -> Statements:
    """Leave out terms that take the place of inherited ones and are 0."""
    old = {each.name.text for each in inherited if isinstance(each, ast.Term)}
    zeros = [each for each in whole if isinstance(each, ast.Term) and each.expr == ZERO]
    gone = {each.name.text for each in zeros if each.name.text in old}
    if not gone:
        return whole
    rest = [each for each in whole if not isinstance(each, ast.Term) or each not in zeros]
    pieces = (piece for each in rest for piece in ast.walk(each))
    asked = {piece.text for piece in pieces if isinstance(piece, ast.Name)}
    return tuple(each for each in whole if each not in zeros or _name(each) in asked)


def _name(statement: ast.Statement) -> str:
    return statement.name.text if isinstance(statement, NAMED) else ""


def _replaces(own: ast.Statement, inherited: ast.Statement) -> bool:
    if isinstance(own, ast.Infer) and isinstance(inherited, ast.Infer):
        return own.kind == inherited.kind and _names(own) == _names(inherited)
    if isinstance(own, ast.Run) and isinstance(inherited, ast.Run):
        return True
    if isinstance(own, NAMED) and isinstance(inherited, NAMED):
        return own.name.text == inherited.name.text
    return False


def _names(infer: ast.Infer) -> set[str]:
    return {name.text for name in infer.names}


def _combined(inherited: ast.Statement, own: ast.Statement) -> ast.Statement:
    if not isinstance(own, ast.Run) or not isinstance(inherited, ast.Run):
        return own
    given = {each.name.text for each in own.settings}
    kept = tuple(each for each in inherited.settings if each.name.text not in given)
    return replace(own, settings=(*kept, *own.settings))


def _dropped(statement: ast.Statement, own: Sequence[ast.Statement]) -> bool:
    """Tell whether an inherited statement ends because of what the program itself says."""
    if isinstance(statement, ast.Train):
        return any(isinstance(each, ast.Train | ast.Stage) for each in own)
    if isinstance(statement, ast.Stage):
        return any(isinstance(each, ast.Train) for each in own)
    return isinstance(statement, ast.Infer) and _names(statement) <= _removed(statement, own)


def _removed(statement: ast.Infer, own: Sequence[ast.Statement]) -> set[str]:
    """Name what the program itself removes in another way."""
    infers = [each for each in own if isinstance(each, ast.Infer)]
    return {n for each in infers if each.kind == statement.kind for n in _names(each)}


def _without(statement: ast.Statement, own: Sequence[ast.Statement]) -> ast.Statement:
    """Return an inherited `infer` for the names that are left to it."""
    if not isinstance(statement, ast.Infer):
        return statement
    gone = _removed(statement, own)
    return replace(statement, names=tuple(n for n in statement.names if n.text not in gone))
