"""`extends`: a program that starts from another file, as one program."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.source.text import NOWHERE
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Sequence


def merged(child: ast.File, parent: ast.File) -> ast.File:
    """Return the child with everything it inherits.

    A declaration of the same name takes the inherited one's place; `infer` replaces the
    elimination of its names; the first `train` drops all inherited ones; `run` replaces
    key by key; `report` by name; `expect` and `plot` add.
    """
    own = list(child.statements)
    kept: list[ast.Statement] = []
    for statement in parent.statements:
        replacement = _replacement(statement, own)
        if replacement is not None:
            own.remove(replacement)
            kept.append(_combined(statement, replacement))
        elif not _dropped(statement, child.statements):
            kept.append(_without(statement, child.statements))
    params = _params(child.header, parent.header)
    header = replace(child.header, params=params, extends=_beyond(child.header, parent.header))
    # No source holds the whole: where it is printed, it is written anew.
    return replace(child, header=header, statements=(*kept, *own), span=NOWHERE)


def _beyond(child: ast.Header, parent: ast.Header) -> ast.Other | None:
    """Return what the parent extends, with the settings that are meant for it."""
    if parent.extends is None:
        return None
    passed = {each.name.text for each in strangers(child, parent)}
    settings = child.extends.settings if child.extends is not None else ()
    kept = tuple(each for each in settings if each.name.text in passed)
    return replace(parent.extends, settings=(*parent.extends.settings, *kept))


def strangers(child: ast.Header, parent: ast.Header) -> tuple[ast.Named, ...]:
    """List the settings of an `extends` that the parent itself does not know."""
    known = {param.name.text for param in parent.params}
    settings = child.extends.settings if child.extends is not None else ()
    return tuple(each for each in settings if each.name.text not in known)


def _params(child: ast.Header, parent: ast.Header) -> tuple[ast.Param, ...]:
    settings = child.extends.settings if child.extends is not None else ()
    given = {each.name.text: each.value for each in settings}
    names = {param.name.text for param in child.params}
    inherited = tuple(
        _set(param, given) for param in parent.params if param.name.text not in names
    )
    return (*inherited, *child.params)


def _set(param: ast.Param, given: dict[str, ast.Value]) -> ast.Param:
    value = given.get(param.name.text)
    if value is None or isinstance(value, ast.Range):
        return param
    return replace(param, default=value)


def _replacement(
    inherited: ast.Statement, own: Sequence[ast.Statement]
) -> ast.Statement | None:
    return next((each for each in own if _replaces(each, inherited)), None)


def _replaces(own: ast.Statement, inherited: ast.Statement) -> bool:
    if isinstance(own, ast.Infer) and isinstance(inherited, ast.Infer):
        return own.kind == inherited.kind and _names(own) == _names(inherited)
    if isinstance(own, ast.Run) and isinstance(inherited, ast.Run):
        return True
    if isinstance(own, NAMED) and isinstance(inherited, NAMED):
        return own.name.text == inherited.name.text
    return False


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
)


def _names(infer: ast.Infer) -> set[str]:
    return {name.text for name in infer.names}


def _combined(inherited: ast.Statement, own: ast.Statement) -> ast.Statement:
    if not isinstance(own, ast.Run) or not isinstance(inherited, ast.Run):
        return own
    given = {each.name.text for each in own.settings}
    kept = tuple(each for each in inherited.settings if each.name.text not in given)
    return replace(own, settings=(*kept, *own.settings))


def _dropped(statement: ast.Statement, own: Sequence[ast.Statement]) -> bool:
    """Tell whether an inherited statement ends because of what the child says."""
    if isinstance(statement, ast.Train):
        return any(isinstance(each, ast.Train) for each in own)
    return isinstance(statement, ast.Infer) and _names(statement) <= _removed(statement, own)


def _removed(statement: ast.Infer, own: Sequence[ast.Statement]) -> set[str]:
    """Name what the child removes in another way."""
    infers = [each for each in own if isinstance(each, ast.Infer)]
    return {n for each in infers if each.kind == statement.kind for n in _names(each)}


def _without(statement: ast.Statement, own: Sequence[ast.Statement]) -> ast.Statement:
    """Return an inherited `infer` for the names that are left to it."""
    if not isinstance(statement, ast.Infer):
        return statement
    gone = _removed(statement, own)
    return replace(statement, names=tuple(n for n in statement.names if n.text not in gone))
