"""The phase `check`: File -> Model, reporting every independent mistake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, final

from ebmdsl._record import record
from ebmdsl.check import statements
from ebmdsl.check.attempts import each
from ebmdsl.check.bodies import check_bodies
from ebmdsl.check.declarations import resolve
from ebmdsl.check.expressions import elaborate
from ebmdsl.check.hypers import hypers
from ebmdsl.check.infers import infer
from ebmdsl.check.layers import read
from ebmdsl.check.model import Block, Data, Declared, Hyper, Model, Stage, Term, Used
from ebmdsl.check.nets import read_unused
from ebmdsl.check.players import train
from ebmdsl.check.scope import Named, Scope, Template
from ebmdsl.check.sizes import bind_sizes
from ebmdsl.check.stages import MAX_STAGES, check_stages, outside, staged, stages_of
from ebmdsl.check.whole import check_shared, check_whole
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ebmdsl.source.diagnostic import Diagnostics
    from ebmdsl.source.mistake import Mistake

Bring = Callable[[ast.Use, dict[str, Any]], "Used | tuple[Mistake, ...]"]
S = TypeVar("S")
R = TypeVar("R")
B = TypeVar("B")


def check(
    file: ast.File,
    found: Diagnostics,
    *,
    overrides: Mapping[str, Any] | None = None,
    bring: Bring | None = None,
) -> Model | None:
    """Return the model of a program, or None when a mistake was reported."""
    model = sound(file, found, overrides=overrides, bring=bring)
    return model if found.ok else None


def sound(
    file: ast.File,
    found: Diagnostics,
    *,
    overrides: Mapping[str, Any] | None = None,
    bring: Bring | None = None,
) -> Model:
    """Return what is sound of a program: its model without what was reported.

    `bring` gives the model that a `use` names, or says why it cannot be had.
    """
    reading = Reading(found, overrides or {}, bring)
    stages = stages_of(file)
    check_stages(file, found)
    if not stages:
        return _read(reading, file)
    outer = _read(reading, outside(file), whole=False)
    made = tuple(
        Stage(stage.name.text, _read(reading, staged(file, stage)), stage.name.span)
        for stage in stages[:MAX_STAGES]
    )
    return replace(outer, trains=(), file=file, stages=made)


@final
@record
class Reading:
    """What is the same for all stages of a program."""

    found: Diagnostics
    overrides: Mapping[str, Any]
    bring: Bring | None = None


def _read(reading: Reading, file: ast.File, *, whole: bool = True) -> Model:
    """Type a program without stages, as far as it goes; what they share is not a `whole`."""
    scope = Scope(
        reading.found,
        resolve=resolve,
        bring=reading.bring,
        lost=file.lost,
        file=file,
        read=elaborate,
    )
    known = hypers(scope, file, overrides=reading.overrides)
    for statement in file.statements:
        if isinstance(statement, Named):
            scope.declare(statement)
    bind_sizes(scope, file)
    bound = each(scope.get, tuple(scope.statements))
    _read_unused(scope)
    check_bodies(scope, file)
    model = _model(scope, file, known=known, bound=bound)
    read_unused(scope)
    judge = check_whole if whole else check_shared
    judge(scope, file, model=model)
    return model


def _model(
    scope: Scope, file: ast.File, *, known: tuple[Hyper, ...], bound: tuple[Any, ...]
) -> Model:
    body = file.statements
    reports = each(_with(scope, statements.measure), _of(body, ast.Report))
    return Model(
        name=file.header.name.text,
        hypers=known,
        data=(*_kept(bound, Data), *_brought(scope)),
        declared=_kept(bound, Declared),
        nets=tuple(scope.nets.values()),
        blocks=tuple(b for b in _kept(bound, Block) if not _is_report(scope, b.name)),
        terms=_kept(bound, Term),
        infers=each(_with(scope, infer), _of(body, ast.Infer)),
        trains=each(_with(scope, train), _of(body, ast.Train)),
        settings=statements.settings(scope, _of(body, ast.Run)),
        reports=reports,
        expects=each(_with(scope, statements.measure), _of(body, ast.Expect)),
        plots=each(_with(scope, statements.plot), _of(body, ast.Plot)),
        file=file,
        origins={node: tuple(spans) for node, spans in scope.origins.items()},
        schedules=tuple(scope.schedules.items()),
        used=_kept(bound, Used),
    )


def _with(scope: Scope, work: Callable[[Scope, S], R]) -> Callable[[S], R]:
    return lambda item: work(scope, item)


def _of(body: tuple[Any, ...], kind: type[B]) -> tuple[B, ...]:
    return tuple(each for each in body if isinstance(each, kind))


def _kept(bound: tuple[Any, ...], kind: type[B]) -> tuple[B, ...]:
    return tuple(each for each in bound if isinstance(each, kind))


def _is_report(scope: Scope, name: str) -> bool:
    return isinstance(scope.statements.get(name), ast.Report)


def _brought(scope: Scope) -> tuple[Data, ...]:
    """List the data of used models that variables come from."""
    return tuple(
        each for name, each in scope.bound.items() if isinstance(each, Data) and "." in name
    )


def _read_unused(scope: Scope) -> None:
    """Read the nets that nothing uses, so that their mistakes are told as well."""
    unused = [name for name in scope.bound if name not in scope.nets]
    nets = [each for each in map(scope.bound.get, unused) if isinstance(each, Template)]
    each(lambda net: read(scope, net), nets)
