"""Data: what each data set holds after its transforms, and which variables come from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.check.arguments import chosen, parts, refused
from ebmdsl.check.expressions import elaborate
from ebmdsl.check.mistakes import UnknownName, WrongArguments
from ebmdsl.check.model import Data, Declared, Through, Used
from ebmdsl.check.players import described
from ebmdsl.check.scope import Local, Scope
from ebmdsl.check.statement_mistakes import DataMismatch, WrongRole
from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Dataset, Field, Function, Transform
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.expr.build import variable
from ebmdsl.expr.node import Quantity
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.check.scope import Bound

SAMPLE = "sample"
ALPHABETS = ("binary", "spin", "onehot", "token")


def data(scope: Scope, statement: ast.Data) -> Data:
    """Type a data set and the steps behind it."""
    pipe, name = statement.expr, statement.name
    source, *steps = pipe.parts if isinstance(pipe, ast.Pipe) else (pipe,)
    found = replace(_begun(scope, source), name=name.text, span=name.span)
    for step in steps:
        found = _taken(scope, found, step=step)
    return found


def _begun(scope: Scope, source: ast.Expr) -> Data:
    """Return the data that a pipe starts from: a data set, or data that has a name already."""
    match source:
        case ast.Name() as name if isinstance(scope.get(name.text), Data):
            return _named(scope, name)
        case ast.Attr(base=ast.Name() as base) if isinstance(scope.get(base.text), Used):
            return _brought(scope, source)
        case _:
            _refuse_unknown(scope, source)
            dataset = chosen(scope, Dataset, method=source, what="data set")
            return Data("", dataset, (), dataset.fields())


def _refuse_unknown(scope: Scope, source: ast.Expr) -> None:
    """Report a data set that nobody knows, even one that is named like what it makes."""
    name, _ = parts(source)
    if name is not None and name.text in scope.working and find(Dataset, name.text) is None:
        raise scope.reject(UnknownName(name.span, name.text, words(Dataset), "data set"))


def _taken(scope: Scope, found: Data, *, step: ast.Expr) -> Data:
    """Return data after one more step: a transform, or a function of its main field."""
    name, written = parts(step)
    if name is None or _is_function(scope, name):
        return _computed(scope, found, step=step)
    transform = chosen(scope, Transform, method=step, what="transform")
    after = transform.fields(found.fields)
    if isinstance(after, Misfit):
        raise scope.reject(refused(type(transform), after, written=written, at=step))
    return replace(found, transforms=(*found.transforms, transform), fields=after)


def _is_function(scope: Scope, name: ast.Name) -> bool:
    """Tell whether a step is a function of the main field; a transform of this name is not."""
    if find(Transform, name.text) is not None:
        return False
    return scope.get(name.text) is not None or find(Function, name.text) is not None


def _computed(scope: Scope, found: Data, *, step: ast.Expr) -> Data:
    """Return data whose main field goes through a function: of a used model, or a net."""
    main = found.main
    before = variable(Quantity(SAMPLE, "given"), main.shape)
    sample = ast.Name(SAMPLE, span=step.span)
    local = Local(values={SAMPLE: before})
    piped = ast.Pipe((sample, step), span=step.span)
    node = elaborate(scope, piped, local=local)
    after = Field(main.name, node.shape, main=True)
    fields = tuple(after if each is main else each for each in found.fields)
    through = Through(len(found.transforms), " ".join(step.span.text.split()), node)
    return replace(found, fields=fields, through=(*found.through, through))


def source(scope: Scope, written: ast.Expr | None) -> tuple[str, str] | None:
    """Return the data and the field that `from` names."""
    match written:
        case None:
            return None
        case ast.Name() as name:
            found = _named(scope, name)
            return found.name, found.main.name
        case ast.Attr(base=ast.Name() as base, name=field):
            if isinstance(scope.get(base.text), Used):
                found = _kept(scope, _brought(scope, written))
                return found.name, found.main.name
            return _field(scope, _named(scope, base), field=field)
        case ast.Attr(base=ast.Attr(base=ast.Name()) as inner, name=field):
            return _field(scope, _kept(scope, _brought(scope, inner)), field=field)
        case other:
            reason = "values come from data by name"
            remedy = "name the data first: `data d = …`, then `from d`"
            raise scope.reject(WrongArguments(other.span, reason, remedy))


def _field(scope: Scope, found: Data, *, field: ast.Name) -> tuple[str, str]:
    names = tuple(each.name for each in found.fields)
    if field.text not in names:
        raise scope.reject(UnknownName(field.span, field.text, names, "field"))
    return found.name, field.text


def _named(scope: Scope, name: ast.Name) -> Data:
    bound = scope.get(name.text)
    if isinstance(bound, Data):
        return bound
    if bound is None:
        known = tuple(n for n, s in scope.statements.items() if isinstance(s, ast.Data))
        raise scope.reject(UnknownName(name.span, name.text, known, "data set"))
    raise scope.reject(_no_data(scope, name, bound=bound))


def _no_data(scope: Scope, name: ast.Name, *, bound: Bound) -> WrongRole:
    is_a, declared = described(scope, name.text, bound=bound)
    reason = f"values come from data, and `{name.text}` is none"
    remedy = "name a data set, as `data d = digits()`"
    if isinstance(bound, Used):
        remedy = f"name data of that model, as `{name.text}.photos`"
    return WrongRole(name.span, reason, declared, is_a, remedy)


def _brought(scope: Scope, written: ast.Attr) -> Data:
    """Return data of a used model, as `dict.photos`."""
    assert isinstance(written.base, ast.Name)
    model, name = scope.get(written.base.text), written.name
    if not isinstance(model, Used):
        return _named(scope, written.base)
    whole = f"{model.name}.{name.text}"
    found = next((each for each in model.model.data if each.name == name.text), None)
    if found is None:
        known = tuple(each.name for each in model.model.data)
        what = f"data set of `{model.name}`"
        raise scope.reject(UnknownName(name.span, name.text, known, what))
    return replace(found, name=whole, span=model.span)


def _kept(scope: Scope, found: Data) -> Data:
    """Keep data that a variable comes from under the name that it has here."""
    return scope.bound.setdefault(found.name, found)


def field_of(scope: Scope, origin: tuple[str, str]) -> Field:
    """Return the field that a variable comes from."""
    found = scope.get(origin[0])
    assert isinstance(found, Data)
    return next(each for each in found.fields if each.name == origin[1])


def check_source(scope: Scope, written: ast.Type, *, declared: Declared) -> None:
    """Reject a variable that is not what its data holds."""
    if declared.source is None:
        return
    found = scope.get(declared.source[0])
    assert isinstance(found, Data)
    field = field_of(scope, declared.source)
    reason = _difference(declared, field, name=".".join(declared.source))
    if reason:
        raise scope.reject(DataMismatch(written.span, reason, found.span))


def _difference(declared: Declared, field: Field, *, name: str) -> str:
    cuts = {"picture": "`patches` or `crops`", "clip": "`windows`"}
    if field.domain in cuts:
        return f"`{name}` holds {field.domain}s of many sizes: cut {cuts[field.domain]} first"
    if declared.whole != field.shape:
        own, theirs = show(declared.whole), show(field.shape)
        plated = " with its plate" if declared.plates else ""
        return f"`{declared.name}` is {own}{plated}, but `{name}` is {theirs}"
    wanted = declared.quantity.domain
    counted = wanted.name in ALPHABETS or field.domain == "token"
    if counted and field.domain != wanted.name:
        return f"`{declared.name}` is {wanted.name}, but `{name}` is {field.domain}"
    if wanted.name == "token" and field.high + 1 != wanted.size:
        signs = f"{field.high + 1:g} signs"
        return f"`{declared.name}` has {wanted.size} signs, but `{name}` has {signs}"
    return ""
