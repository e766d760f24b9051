"""Arguments: from literals and hyper-parameters to the options of a concept."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from math import pi
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ebmdsl.check.mistakes import (
    NotAConstant,
    ShapeMismatch,
    UnknownName,
    WrongArguments,
)
from ebmdsl.check.model import Hyper
from ebmdsl.check.scope import RejectedError
from ebmdsl.concepts.base import Concept, find, words
from ebmdsl.concepts.kinds import Law, Schedule, Transform
from ebmdsl.source.suggest import did_you_mean
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.check.scope import Scope
    from ebmdsl.concepts.shape import Misfit
    from ebmdsl.source.mistake import Mistake

K = TypeVar("K", bound=Concept)


def parts(method: ast.Expr) -> tuple[ast.Name | None, ast.Call | None]:
    """Split `word` or `word(…)` into the name and the call; (None, None) for anything else."""
    match method:
        case ast.Name():
            return method, None
        case ast.Call(function=ast.Name() as name):
            return name, method
        case _:
            return None, None


def chosen(scope: Scope, kind: type[K], *, method: ast.Expr, what: str) -> K:
    """Return the concept that a method names, with its options filled in."""
    name, written = parts(method)
    if name is None:
        raise scope.reject(WrongArguments(method.span, f"a {what} is a word or a call"))
    concept = find(kind, name.text)
    if concept is None:
        raise scope.unknown(name, what, known=words(kind))
    return options(scope, concept, written=written, at=method)


def options(scope: Scope, concept: type[K], *, written: ast.Call | None, at: ast.Expr) -> K:
    """Fill the fields of a concept from a call, by position and by name."""
    given = bound_options(scope, concept, written=written, at=at)
    _check_values(scope, concept, given=given, written=written, at=at)
    return concept(**given)


def _check_values(
    scope: Scope,
    concept: type[Concept],
    *,
    given: dict[str, Any],
    written: ast.Call | None,
    at: ast.Expr,
) -> None:
    """Report values that a word refuses; one of them is to blame, if one alone is."""
    try:
        concept(**given)
    except TypeError:
        return  # an option is missing
    except ValueError as error:
        reason = str(error)
    else:
        return
    places = placed(concept, written)
    needed = [each.name for each in fields(cast("Any", concept)) if _required(each)]
    culprits = [name for name in places if _works(concept, given, without=name)]
    names = culprits or [name for name in places if name in needed or len(places) == 1]
    span = places[names[0]].span if len(names) == 1 else at.span
    raise scope.reject(WrongArguments(span, reason))


def _works(concept: type[Concept], given: dict[str, Any], *, without: str) -> bool:
    """Tell whether a word takes its other options when this one is as by default."""
    rest = {name: value for name, value in given.items() if name != without}
    try:
        concept(**rest)
    except (TypeError, ValueError):
        return False
    return True


def placed(concept: type[Concept], written: ast.Call | None) -> dict[str, ast.Value]:
    """Return where each option was written; of several values, the first."""
    if written is None:
        return {}
    known = {each.name: each for each in fields(cast("Any", concept)) if each.init}
    places = [each.name for each in _places(concept, known, given=len(written.args))]
    found: dict[str, ast.Value] = dict(zip(places, written.args, strict=False))
    return found | {each.name.text: each.value for each in written.named}


def refused(
    concept: type[Concept], misfit: Misfit, *, written: ast.Call | None, at: ast.Expr
) -> Mistake:
    """Blame an option where it was written; a word that nobody knows is an unknown name."""
    value = placed(concept, written).get(misfit.option)
    span = at.span if value is None else value.span
    if not misfit.known:
        return WrongArguments(span, misfit.reason, misfit.remedy)
    what = f"`{misfit.option}` of `{concept.word}`"
    return UnknownName(span, span.text, misfit.known, what)


def unfit(word: Concept, misfit: Misfit, *, written: ast.Expr) -> Mistake:
    """Blame the option that is at fault, or the shape that a word cannot have."""
    if misfit.option:
        return refused(type(word), misfit, written=parts(written)[1], at=written)
    return ShapeMismatch(written.span, misfit.reason, misfit.remedy)


def bound_options(
    scope: Scope, concept: type[Concept], *, written: ast.Call | None, at: ast.Expr
) -> dict[str, Any]:
    """Return the options that a call gives, each checked against its field's type."""
    known = {each.name: each for each in fields(cast("Any", concept)) if each.init}
    given: dict[str, tuple[ast.Value, ...]] = {}
    if written is not None:
        given = _positional(scope, concept, known=known, written=written)
        given |= _named(scope, concept, known=known, written=written, given=set(given))
    values = {
        name: value
        for name, items in given.items()
        for value in _valued(scope, known[name], given=items)
    }
    if len(values) != len(given):
        _check_values(scope, concept, given=values, written=written, at=at)
        raise RejectedError
    missing = [name for name, each in known.items() if name not in values and _required(each)]
    if missing:
        reason = f"`{concept.word}` needs `{missing[0]}`"
        raise scope.reject(WrongArguments(at.span, reason, signature(concept)))
    return values


def _valued(scope: Scope, each: Field[Any], *, given: tuple[ast.Value, ...]) -> tuple[Any, ...]:
    """Return the value of an option, or nothing where it is a mistake."""
    try:
        if _several(each):
            return (_items(scope, each, given=given),)
        return (_typed(scope, each, value=given[0]),)
    except RejectedError:
        return ()


def signature(concept: type[Concept]) -> str:
    """Say what a word takes."""
    names = [each.name for each in fields(cast("Any", concept)) if each.init]
    listed = ", ".join(f"`{name}`" for name in names)
    return f"`{concept.word}` takes {listed}" if names else f"`{concept.word}` takes no options"


def _required(each: Field[Any]) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _positional(
    scope: Scope, concept: type[Concept], *, known: dict[str, Field[Any]], written: ast.Call
) -> dict[str, tuple[ast.Value, ...]]:
    found: dict[str, tuple[ast.Value, ...]] = {}
    remaining = _places(concept, known, given=len(written.args))
    for index, argument in enumerate(written.args):
        if not remaining:
            reason = f"`{concept.word}` has no more options"
            raise scope.reject(WrongArguments(argument.span, reason, signature(concept)))
        each = remaining.pop(0)
        if _several(each):
            return {**found, each.name: written.args[index:]}
        found[each.name] = (argument,)
    return found


def _places(
    concept: type[Concept], known: dict[str, Field[Any]], *, given: int
) -> list[Field[Any]]:
    """List the options in the order of their places; a law may read one argument otherwise."""
    forms = concept.forms if issubclass(concept, Law) else ()
    names = next((form for form in forms if len(form) == given), tuple(known))
    return [known[name] for name in names]


def _named(
    scope: Scope,
    concept: type[Concept],
    *,
    known: dict[str, Field[Any]],
    written: ast.Call,
    given: set[str],
) -> dict[str, tuple[ast.Value, ...]]:
    found: dict[str, tuple[ast.Value, ...]] = {}
    for argument in written.named:
        name = argument.name.text
        if name not in known:
            hint = did_you_mean(name, tuple(known)) or signature(concept)
            reason = f"`{concept.word}` has no option `{name}`"
            raise scope.reject(WrongArguments(argument.name.span, reason, hint))
        if name in given or name in found:
            raise scope.reject(WrongArguments(argument.span, f"`{name}` is given twice"))
        found[name] = (argument.value,)
    return found


def _several(each: Field[Any]) -> bool:
    """Tell whether an option takes all arguments that remain, or a list of them."""
    return "..." in str(each.type)


def _items(scope: Scope, each: Field[Any], *, given: tuple[ast.Value, ...]) -> tuple[Any, ...]:
    """Return the values of an option of several: written one after the other, or as a list."""
    items = [
        item
        for value in given
        for item in (value.items if isinstance(value, ast.List) else (value,))
    ]
    return tuple(_typed(scope, each, value=item) for item in items)


def _typed(scope: Scope, each: Field[Any], *, value: ast.Value) -> Any:
    wanted = str(each.type)
    if wanted == "Text":
        return value.span.text
    if wanted == "Value" and scope.read is not None and not isinstance(value, ast.Range):
        return scope.read(scope, value)
    if "Transform" in wanted and not isinstance(value, ast.Range):
        return chosen(scope, Transform, method=value, what="transform")
    got = literal(scope, value)
    if isinstance(got, int) and not isinstance(got, bool) and "float" in wanted:
        return float(got) if "int" not in wanted else got
    if not _fits(got, wanted):
        reason = f"`{each.name}` is {_article(wanted)}, not `{_shown(value, got)}`"
        raise scope.reject(WrongArguments(value.span, reason))
    return got


def _shown(value: ast.Value, got: Any) -> str:
    """Write a value as the user did; a name that stands for a number as that number."""
    is_number = isinstance(value, ast.Name) and isinstance(got, int | float)
    return f"{got:g}" if is_number else value.span.text


_TYPES: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}
_ARTICLES = {
    "Transform": "a list of steps",
    "tuple[int, int]": "a range",
    "int": "a whole number",
    "float": "a number",
    "str": "a word",
    "bool": "yes or no",
}


def _fits(value: Any, wanted: str) -> bool:
    if isinstance(value, Concept):
        return any(kind in wanted for kind in ("Schedule", "Law", "Any"))
    allowed = [kind for name, kind in _TYPES.items() if name in wanted]
    if wanted == "tuple[int, int]" or isinstance(value, list | tuple):
        return isinstance(value, list | tuple) and ("tuple" in wanted or "list" in wanted)
    return "Any" in wanted or type(value) in allowed


def _article(wanted: str) -> str:
    return next((text for name, text in _ARTICLES.items() if name in wanted), "something else")


def literal(scope: Scope, value: ast.Value) -> Any:
    """Return the Python value of an option: a number, a word, a list or a schedule."""
    match value:
        case ast.Number():
            return value.value
        case ast.Percent():
            return value.value / 100
        case ast.String():
            return value.text
        case ast.Name():
            bound = scope.get(value.text)
            return bound.value if isinstance(bound, Hyper) else value.text
        case ast.List():
            return tuple(literal(scope, item) for item in value.items)
        case ast.Call(function=ast.Name() as name) if find(Schedule, name.text):
            return chosen(scope, Schedule, method=value, what="schedule")
        case ast.Call(function=ast.Name() as name) if find(Law, name.text):
            return chosen(scope, Law, method=value, what="law")
        case ast.Range():
            return whole(scope, value.low), whole(scope, value.high)
        case ast.Call(function=ast.Name() as name) if scope.get(name.text) is None:
            raise scope.unknown(name, "schedule", known=words(Schedule))
        case _:
            return number(scope, value)


def number(scope: Scope, expr: ast.Expr) -> float | int:
    """Evaluate an expression of numbers and hyper-parameters."""
    match expr:
        case ast.Number():
            return expr.value
        case ast.Percent():
            return expr.value / 100
        case ast.Neg():
            return -number(scope, expr.operand)
        case ast.Binary():
            return _arithmetic(scope, expr)
        case ast.Name():
            bound = scope.get(expr.text)
            if isinstance(bound, Hyper) and isinstance(bound.value, int | float):
                return bound.value
            if bound is None and expr.text in CONSTANTS:
                return CONSTANTS[expr.text]
            if bound is None:
                raise scope.unknown(expr, "name", known=tuple(CONSTANTS))
        case _:
            pass
    raise scope.reject(NotAConstant(expr.span, "this"))


CONSTANTS = {"pi": pi}
"""Numbers that have a name; a name of the user's own takes its place."""


def _arithmetic(scope: Scope, expr: ast.Binary) -> float | int:
    left, right = number(scope, expr.left), number(scope, expr.right)
    match expr.op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" if right != 0:
            return left // right if left % right == 0 else left / right
        case "^" if abs(right) <= _POWERS and (
            left > 0 or (right >= 0 and right == int(right))
        ):
            return left**right
        case _:
            raise scope.reject(NotAConstant(expr.span, "this"))


_POWERS = 64


def whole(scope: Scope, expr: ast.Expr) -> int:
    """Evaluate an expression that must be a whole number, such as a size."""
    value = number(scope, expr)
    if value != int(value):
        reason = f"a size or an index is a whole number, not {value:g}"
        raise scope.reject(WrongArguments(expr.span, reason))
    return int(value)
