"""`extends`: a program that starts from another file, as one program."""

from __future__ import annotations

from dataclasses import replace

from ebmdsl.check.overlay import overlaid
from ebmdsl.source.text import NOWHERE
from ebmdsl.syntax import ast
from ebmdsl.syntax.lost import Lost, together


def merged(child: ast.File, parent: ast.File) -> ast.File:
    """Return the child with everything it inherits."""
    params = _params(child.header, parent.header)
    header = replace(child.header, params=params, extends=_beyond(child.header, parent.header))
    statements = overlaid(parent.statements, child.statements)
    # No source holds the whole: where it is printed, it is written anew.
    lost = together(child.lost, parent.lost)
    return replace(child, header=header, statements=statements, span=NOWHERE, lost=lost)


def without_parent(child: ast.File) -> ast.File:
    """Return a program whose parent cannot be had: any name may be declared there."""
    header = replace(child.header, extends=None)
    return replace(child, header=header, lost=together(child.lost, Lost(is_open=True)))


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
    own = {param.name.text for param in child.params}
    inherited = [_set(param, given) for param in parent.params if param.name.text not in own]
    later = [param for param in inherited if _mentions(param.default, own)]
    first = [param for param in inherited if param not in later]
    return (*first, *child.params, *later)


def _mentions(expr: ast.Expr, names: set[str]) -> bool:
    return any(isinstance(each, ast.Name) and each.text in names for each in ast.walk(expr))


def _set(param: ast.Param, given: dict[str, ast.Value]) -> ast.Param:
    """Give an inherited hyper-parameter another value; it keeps the type that it has."""
    value = given.get(param.name.text)
    if value is None or isinstance(value, ast.Range):
        return param
    kind = _kind(param.default)
    if param.type is not None or kind in ("", _kind(value)):
        return replace(param, default=value)
    return replace(param, default=value, type=ast.Name(kind, span=param.default.span))


def _kind(default: ast.Expr) -> str:
    match default:
        case ast.Number(value=int()):
            return "int"
        case ast.Number() | ast.Percent():
            return "float"
        case ast.Neg():
            return _kind(default.operand)
        case _:
            return ""
