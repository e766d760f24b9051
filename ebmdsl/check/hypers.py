"""Hyper-parameters: what the header gives, and what `--set` makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ebmdsl.check.arguments import literal
from ebmdsl.check.attempts import each
from ebmdsl.check.mistakes import DuplicateName, NotAConstant, ReservedName, UnknownName
from ebmdsl.check.model import Hyper
from ebmdsl.check.overlay import NAMED
from ebmdsl.check.scope import RESERVED, RejectedError, Scope
from ebmdsl.check.statement_mistakes import BadSetting
from ebmdsl.concepts.kinds import Schedule
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.text import Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TYPES = ("int", "float", "bool", "str", "schedule")
MEANS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a word",
    "schedule": "a schedule",
}
TRUTHS = {"true": True, "false": False}


def hypers(scope: Scope, file: ast.File, *, overrides: Mapping[str, Any]) -> tuple[Hyper, ...]:
    """Type and bind the hyper-parameters of a program, in their order."""
    header, declared = file.header, frozenset(named_in(file))
    known = tuple(param.name.text for param in header.params)
    found = each(
        lambda param: _declared(scope, param, overrides=overrides, known=declared),
        header.params,
    )
    for name in overrides:
        if name not in known and not scope.has_lost(name):
            mistake = UnknownName(header.name.span, name, known, "hyper-parameter")
            scope.found.report(mistake)
    return found


def _declared(
    scope: Scope, param: ast.Param, *, overrides: Mapping[str, Any], known: frozenset[str]
) -> Hyper:
    """Bind one; where its value is wrong its name is known all the same."""
    name = param.name
    if name.text in RESERVED:
        scope.failed.add(name.text)
        raise scope.reject(ReservedName(name.span, name.text))
    earlier = scope.bound.get(name.text)
    if isinstance(earlier, Hyper):
        raise scope.reject(DuplicateName(name.span, name.text, earlier.span))
    try:
        _refuse_later(scope, param, known=known)
        hyper = _hyper(scope, param, overrides=overrides)
    except RejectedError:
        scope.failed.add(name.text)
        raise
    scope.bound[name.text] = hyper
    return hyper


def named_in(file: ast.File) -> Iterator[str]:
    """Name what the statements of a program declare, and its hyper-parameters."""
    yield from (param.name.text for param in file.header.params)
    yield from (each.name.text for each in file.statements if isinstance(each, NAMED))


def _refuse_later(scope: Scope, param: ast.Param, *, known: frozenset[str]) -> None:
    """Report a default that needs what is no earlier number: it would be read as a word."""
    for piece in ast.walk(param.default):
        if (
            isinstance(piece, ast.Name)
            and piece.text in known - set(scope.bound) - scope.failed
        ):
            raise scope.reject(NotAConstant(piece.span, f"`{param.name.text}`"))


def _hyper(scope: Scope, param: ast.Param, *, overrides: Mapping[str, Any]) -> Hyper:
    name, written = param.name.text, param.type
    if written is not None and written.text not in TYPES:
        raise scope.reject(UnknownName(written.span, written.text, TYPES, "type"))
    value = literal(scope, param.default)
    kind = written.text if written is not None else _kind(value)
    if kind not in TYPES:
        reason = f"`{name}` is a number, a word or a schedule, not `{param.default.span.text}`"
        raise scope.reject(BadSetting(param.default.span, reason))
    typed = _typed(value, kind)
    if typed is None:
        reason = f"`{name}` is {MEANS[kind]}, not `{param.default.span.text}`"
        raise scope.reject(BadSetting(param.default.span, reason))
    if name in overrides:
        typed = _override(scope, param, kind=kind, given=overrides[name])
    return Hyper(name, _kind(typed) if kind == "float" else kind, typed, param.name.span)


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case str():
            return "str"
        case Schedule():
            return "schedule"
        case _:
            return ""


def _typed(value: Any, kind: str) -> Any:
    """Return a value as its type has it, or None where it has another; any scalar may move."""
    match kind, value:
        case "bool", bool():
            return value
        case "bool", str() if value in TRUTHS:
            return TRUTHS[value]
        case (_, bool()) | ("bool", _):
            return None
        case "int", int() | float() if value == int(value):
            return int(value)
        case "float", int() | float():
            return float(value)
        case ("schedule" | "float", Schedule()) | ("str", str()):
            return value
        case _:
            return None


def _override(scope: Scope, param: ast.Param, *, kind: str, given: Any) -> Any:
    """Return the value that `--set` or another program gives, as the type has it."""
    value = given if kind == "str" or not isinstance(given, str) else _read(scope, given)
    typed = _typed(value, kind)
    if typed is None:
        name = param.name.text
        reason = f"`{name}` is {MEANS[kind]}, not `{given}`"
        remedy = f"as `{name} = {_example(param, kind)}`"
        raise scope.reject(BadSetting(param.default.span, reason, remedy))
    return typed


def _example(param: ast.Param, kind: str) -> str:
    return {"bool": "true", "schedule": "ramp(0, 1)"}.get(kind, param.default.span.text)


def _read(scope: Scope, text: str) -> Any:
    """Read a value as the header would; None where it is none."""
    source = Source("--set", f"model set(value = {text})\n")
    file, problems = parse(source)
    if file is None or not problems.ok or len(file.header.params) != 1:
        return None
    quiet = Scope(Diagnostics(), resolve=scope.resolve)
    quiet.bound.update(scope.bound)
    try:
        return literal(quiet, file.header.params[0].default)
    except RejectedError:
        return None
