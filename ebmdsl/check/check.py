"""The phase `check`: File -> Model, reporting every independent mistake."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ebmdsl.check import statements
from ebmdsl.check.arguments import literal
from ebmdsl.check.declarations import resolve
from ebmdsl.check.mistakes import NotSupportedYet, UnknownName
from ebmdsl.check.model import Block, Data, Declared, Hyper, Model, Term
from ebmdsl.check.scope import Named, RejectedError, Scope
from ebmdsl.check.statement_mistakes import (
    BadSetting,
    InferredTwice,
    LatentNotInferred,
    NoEnergy,
)
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ebmdsl.source.diagnostic import Diagnostics

S = TypeVar("S")
R = TypeVar("R")
B = TypeVar("B")


def check(
    file: ast.File, found: Diagnostics, *, overrides: Mapping[str, Any] | None = None
) -> Model | None:
    """Return the model of a program, or None when a mistake was reported."""
    scope = Scope(found, resolve=resolve)
    hypers = _hypers(scope, file.header, overrides=overrides or {})
    for statement in file.statements:
        if isinstance(statement, Named):
            scope.declare(statement)
    bound = _each(scope.get, tuple(scope.statements))
    model = _model(scope, file, hypers=hypers, bound=bound)
    _check_whole(scope, file, model=model)
    return model if found.ok else None


def _each(work: Callable[[S], R], items: Iterable[S]) -> tuple[R, ...]:
    """Do the work on every item, so that one mistake does not hide the next."""
    results: list[R] = []
    for item in items:
        try:
            results.append(work(item))
        except RejectedError:
            continue
    return tuple(results)


def _hypers(
    scope: Scope, header: ast.Header, *, overrides: Mapping[str, Any]
) -> tuple[Hyper, ...]:
    hypers = _each(lambda param: _hyper(scope, param, overrides=overrides), header.params)
    known = tuple(hyper.name for hyper in hypers)
    for name in overrides:
        if name not in known:
            mistake = UnknownName(header.name.span, name, known, "hyper-parameter")
            scope.found.report(mistake)
    return hypers


_KINDS: dict[str, type] = {"int": int, "float": float, "str": str}


def _hyper(scope: Scope, param: ast.Param, *, overrides: Mapping[str, Any]) -> Hyper:
    """Type a hyper-parameter; one with a wrong value is declared all the same."""
    name, written = param.name.text, param.type
    value = literal(scope, param.default)
    if written is not None and written.text not in _KINDS:
        scope.found.report(UnknownName(written.span, written.text, tuple(_KINDS), "type"))
    kind = written.text if written is not None else type(value).__name__
    if name in overrides:
        value = _override(scope, param, kind=kind, default=value, text=overrides[name])
    if kind == "float" and isinstance(value, int):
        value = float(value)
    if kind in _KINDS and type(value) is not _KINDS[kind]:
        reason = f"`{name}` is declared as {kind}, but its value is {value!r}"
        scope.found.report(BadSetting(param.span, reason))
    hyper = Hyper(name, kind, value, param.name.span)
    scope.bound[name] = hyper
    return hyper


def _override(scope: Scope, param: ast.Param, *, kind: str, default: Any, text: Any) -> Any:
    try:
        return _KINDS.get(kind, str)(text)
    except ValueError:
        reason = f"`{param.name.text}` is {kind}, and `{text}` is not"
        scope.found.report(BadSetting(param.span, reason))
        return default


def _model(
    scope: Scope, file: ast.File, *, hypers: tuple[Hyper, ...], bound: tuple[Any, ...]
) -> Model:
    body = file.statements
    _unsupported(scope, body)
    reports = _each(_with(scope, statements.measure), _of(body, ast.Report))
    return Model(
        name=file.header.name.text,
        hypers=hypers,
        data=_kept(bound, Data),
        declared=_kept(bound, Declared),
        nets=tuple(scope.nets.values()),
        blocks=tuple(b for b in _kept(bound, Block) if not _is_report(scope, b.name)),
        terms=_kept(bound, Term),
        infers=_each(_with(scope, statements.infer), _of(body, ast.Infer)),
        trains=_each(_with(scope, statements.train), _of(body, ast.Train)),
        settings=statements.settings(scope, _of(body, ast.Run)),
        reports=reports,
        expects=_each(_with(scope, statements.measure), _of(body, ast.Expect)),
        plots=_each(_with(scope, statements.plot), _of(body, ast.Plot)),
        file=file,
        origins={node: tuple(spans) for node, spans in scope.origins.items()},
    )


def _with(scope: Scope, work: Callable[[Scope, S], R]) -> Callable[[S], R]:
    return lambda item: work(scope, item)


def _of(body: tuple[Any, ...], kind: type[B]) -> tuple[B, ...]:
    return tuple(each for each in body if isinstance(each, kind))


def _kept(bound: tuple[Any, ...], kind: type[B]) -> tuple[B, ...]:
    return tuple(each for each in bound if isinstance(each, kind))


def _is_report(scope: Scope, name: str) -> bool:
    return isinstance(scope.statements.get(name), ast.Report)


def _unsupported(scope: Scope, body: tuple[ast.Statement, ...]) -> None:
    for statement in _of(body, ast.Stage):
        scope.found.report(NotSupportedYet(ast.keyword(statement), "a `stage`"))


def _check_once(scope: Scope, infers: tuple[ast.Infer, ...]) -> None:
    """Report what is removed a second time, in one statement or in two."""
    first: dict[tuple[str, str], ast.Name] = {}
    for kind, name in ((infer.kind, name) for infer in infers for name in infer.names):
        known = first.setdefault((kind, name.text), name)
        if known is not name:
            scope.found.report(InferredTwice(name.span, name.text, known.span))


def _check_whole(scope: Scope, file: ast.File, *, model: Model) -> None:
    """Report what only the whole program can show, unless a statement failed already."""
    if scope.failed:
        return
    if not model.energy:
        scope.found.report(NoEnergy(file.header.name.span))
    _check_once(scope, _of(file.statements, ast.Infer))
    removed = {name for infer in model.infers for name in infer.names}
    wanted = {name.text for infer in _of(file.statements, ast.Infer) for name in infer.names}
    for latent in model.with_role("latent"):
        if latent.name not in removed | wanted:
            scope.found.report(LatentNotInferred(latent.span, latent.name))
