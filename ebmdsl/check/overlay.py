"""One program laid over another: what takes whose place, and what goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

from ebmdsl._record import record
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
    child = _Child.of(own)
    kept: list[ast.Statement] = []
    taken: set[int] = set()
    for statement in inherited:
        replacement = child.instead.get(_key(statement))
        if replacement is not None and id(replacement) not in taken:
            taken.add(id(replacement))
            kept.append(_combined(statement, replacement))
        elif not child.ends(statement):
            kept.append(child.leaves(statement))
    left = (each for each in own if id(each) not in taken)
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


def _key(statement: ast.Statement) -> object:
    """Return what two statements share where one takes the place of the other."""
    match statement:
        case ast.Infer():
            return statement.kind, frozenset(_names(statement))
        case ast.Run():
            return ast.Run
        case ast.Stage():
            return ast.Stage, statement.name.text
        case _:
            return _name(statement) or id(statement)


def _names(infer: ast.Infer) -> set[str]:
    return {name.text for name in infer.names}


@final
@record
class _Child:
    """What a program says itself, looked up by what it takes the place of."""

    instead: dict[object, ast.Statement]
    removed: dict[str, frozenset[str]]
    trains: bool
    has_stages: bool

    @staticmethod
    def of(own: Sequence[ast.Statement]) -> _Child:
        """Look through the statements of a program once."""
        instead: dict[object, ast.Statement] = {}
        for each in own:
            instead.setdefault(_key(each), each)
        infers = [each for each in own if isinstance(each, ast.Infer)]
        removed = {
            kind: frozenset(n for each in infers if each.kind == kind for n in _names(each))
            for kind in ("infer", "predict")
        }
        trains = any(isinstance(each, ast.Train) for each in own)
        stages = any(isinstance(each, ast.Stage) for each in own)
        return _Child(instead, removed, trains, stages)

    def ends(self, statement: ast.Statement) -> bool:
        """Tell whether an inherited statement ends because of what the program itself says."""
        match statement:
            case ast.Train():
                return self.trains or self.has_stages
            case ast.Stage():
                return self.trains
            case ast.Infer():
                return _names(statement) <= self.removed[statement.kind]
            case _:
                return False

    def leaves(self, statement: ast.Statement) -> ast.Statement:
        """Return an inherited `infer` for the names that are left to it."""
        if not isinstance(statement, ast.Infer):
            return statement
        gone = self.removed[statement.kind]
        kept = tuple(name for name in statement.names if name.text not in gone)
        return replace(statement, names=kept)


def _combined(inherited: ast.Statement, own: ast.Statement) -> ast.Statement:
    if not isinstance(own, ast.Run) or not isinstance(inherited, ast.Run):
        return own
    given = {each.name.text for each in own.settings}
    kept = tuple(each for each in inherited.settings if each.name.text not in given)
    return replace(own, settings=(*kept, *own.settings))
