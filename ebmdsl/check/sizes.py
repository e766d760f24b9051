"""Dimensions with names: `real[c = 3]` names a number, and `real[d] from photos` finds one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._record import record
from ebmdsl.check.arguments import CONSTANTS, whole
from ebmdsl.check.mistakes import DuplicateName, ShapeMismatch
from ebmdsl.check.model import Hyper
from ebmdsl.check.scope import RejectedError, Scope
from ebmdsl.check.sources import field_of, source
from ebmdsl.check.statement_mistakes import DataMismatch
from ebmdsl.concepts.shape import show
from ebmdsl.source.diagnostic import Label
from ebmdsl.source.mistake import Mistake
from ebmdsl.source.suggest import did_you_mean
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = "size"


@final
@record
class UnknownSize(Mistake):
    """A size is a name that nothing gives a number to."""

    id: ClassVar[str] = "unknown-name"

    name: str
    known: tuple[str, ...]
    domain: str

    def message(self) -> str:
        """Say which size."""
        return f"nothing says how large `{self.name}` is"

    def help(self) -> str:
        """Suggest the nearest number, or say how to give it one."""
        guess = did_you_mean(self.name, self.known)
        written = f"`{self.domain}[{self.name} = 8]`"
        give = f"write {written}, or `{self.name} = 8` in the header, or take it from data"
        return guess or give


def bind_sizes(scope: Scope, file: ast.File) -> None:
    """Bind every named dimension, and those that data decide, before anything needs them."""
    variables = [each for each in file.statements if isinstance(each, ast.Variable)]
    named = [dim for each in variables for dim in each.type.dims if dim.name is not None]
    while named:
        pending = {dim.name.text for dim in named if dim.name is not None}
        ready = [dim for dim in named if not _needs(dim, pending)] or named
        for dim in ready:
            _bind_named(scope, dim)
        bound = set(map(id, ready))
        named = [dim for dim in named if id(dim) not in bound]
    for variable in variables:
        _infer(scope, variable)


def _needs(dim: ast.Dim, names: set[str]) -> bool:
    """Tell whether a size is made of others that have no number yet."""
    own = dim.name.text if dim.name is not None else ""
    used = (each.text for each in ast.walk(dim.size) if isinstance(each, ast.Name))
    return any(name in names and name != own for name in used)


def _bind_named(scope: Scope, dim: ast.Dim) -> None:
    name = dim.name
    assert name is not None
    first = scope.statements.get(name.text)
    if first is not None:
        scope.found.report(DuplicateName(name.span, name.text, first.name.span))
        return
    known = scope.bound.get(name.text)
    try:
        size = whole(scope, dim.size)
    except RejectedError:
        if known is None:
            scope.failed.add(name.text)
        return
    if not isinstance(known, Hyper):
        scope.bound[name.text] = Hyper(name.text, SIZE, size, name.span)
    elif known.value != size:
        reason = f"`{name.text}` is {known.value} in one place and {size} in another"
        seen = (Label(known.span, f"`{name.text}` is {known.value} here"),)
        remedy = "give one of them another name, or the same size"
        scope.found.report(ShapeMismatch(dim.span, reason, remedy, seen))
        scope.failed.add(name.text)


def _infer(scope: Scope, variable: ast.Variable) -> None:
    """Bind sizes that are new names to those of the data that a variable comes from."""
    unknown = list(_unknown(scope, variable))
    if not unknown or variable.from_ is None:
        return
    try:
        origin = source(scope, variable.from_)
        assert origin is not None
        field = field_of(scope, origin)
    except RejectedError:
        scope.failed.update(name.text for _, name in unknown)
        return
    shape = field.shape
    if variable.type.name.text == "token":
        shape = (*shape, int(field.high) + 1) if field.domain == "token" else shape
    if len(shape) != len(variable.plate) + len(variable.type.dims):
        reason = f"`{'.'.join(origin)}` is {show(shape)}, which is not as long as this type"
        found = scope.bound[origin[0]].span
        scope.found.report(DataMismatch(variable.type.span, reason, found))
        scope.failed.update(name.text for _, name in unknown)
        return
    for place, name in unknown:
        size = shape[len(variable.plate) + place]
        scope.bound[name.text] = Hyper(name.text, SIZE, size, name.span)


def _unknown(scope: Scope, variable: ast.Variable) -> Iterator[tuple[int, ast.Name]]:
    """Pair places in a type with sizes that are names of nothing."""
    for place, dim in enumerate(variable.type.dims):
        size = dim.size
        if not isinstance(size, ast.Name) or dim.name is not None:
            continue
        taken = (scope.bound, scope.statements, scope.failed, CONSTANTS)
        if not any(size.text in names for names in taken):
            yield place, size


def _is_new(scope: Scope, size: ast.Name) -> bool:
    return size.text not in CONSTANTS and scope.get(size.text) is None


def size_of(scope: Scope, dim: ast.Dim, *, domain: str) -> int:
    """Return a size of a type."""
    size = dim.size
    if dim.name is not None and dim.name.text in scope.failed:
        raise RejectedError  # two declarations disagree about it
    if isinstance(size, ast.Name) and _is_new(scope, size):
        if scope.has_lost(size.text):
            raise RejectedError
        numbers = tuple(name for name, each in scope.bound.items() if isinstance(each, Hyper))
        raise scope.reject(UnknownSize(size.span, size.text, numbers, domain))
    return whole(scope, size)


def names_of(scope: Scope, written: ast.Type) -> tuple[str, ...]:
    """Return the name of every dimension of a type, empty where it has none."""
    names = tuple(_name(scope, dim) for dim in written.dims)
    kept = names[:-1] if written.name.text == "token" else names
    return kept if any(kept) else ()


def _name(scope: Scope, dim: ast.Dim) -> str:
    if dim.name is not None:
        return dim.name.text
    bound = scope.bound.get(dim.size.text) if isinstance(dim.size, ast.Name) else None
    return bound.name if isinstance(bound, Hyper) and bound.type == SIZE else ""
