"""What only the whole program can show; nothing here follows from another mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from ebmdsl.check.known import check_known
from ebmdsl.check.method_mistakes import WrongOrder
from ebmdsl.check.statement_mistakes import (
    InferredTwice,
    LatentNotInferred,
    NoEnergy,
    TrainWithoutEffect,
)
from ebmdsl.check.training_mistakes import TrainedTwice
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.check.model import Infer, Model
    from ebmdsl.check.scope import Scope
    from ebmdsl.source.diagnostic import Diagnostics
    from ebmdsl.source.text import Span

MEASURES = (ast.Report, ast.Expect)


def check_whole(scope: Scope, file: ast.File, *, model: Model) -> None:
    """Report what only the whole program can show; a broken statement may have said it."""
    infers = [each for each in file.statements if isinstance(each, ast.Infer)]
    trains = [each for each in file.statements if isinstance(each, ast.Train)]
    if file.lost is None:
        _check_energy(scope.found, file)
        _check_latents(scope, file, infers=infers)
    _check_once(scope.found, infers)
    _check_order(scope.found, infers, infers=model.infers)
    _check_players(scope.found, trains)
    check_known(model, scope.found)
    if len(model.trains) == len(trains) and not scope.failed and file.lost is None:
        _check_moved(scope.found, file, trains=trains, model=model)


def check_shared(scope: Scope, file: ast.File, *, model: Model) -> None:
    """Report what the stages share and cannot be measured: a free energy with latents left."""
    measures = [each for each in file.statements if isinstance(each, MEASURES)]
    if not measures or file.lost is not None:
        return
    infers = [each for each in file.statements if isinstance(each, ast.Infer)]
    _check_latents(scope, file, infers=infers)
    check_known(model, scope.found)


def _check_energy(found: Diagnostics, file: ast.File) -> None:
    """Report a program without terms; one that was refused counts, it is said already."""
    terms = [each for each in file.statements if isinstance(each, ast.Term)]
    zero = ast.Number(0)  # a term that is set to 0 is gone
    if all(each.kind == "loss" or each.expr == zero for each in terms):
        found.report(NoEnergy(file.header.name.span))


def _check_once(found: Diagnostics, infers: list[ast.Infer]) -> None:
    """Report what is removed a second time, in one statement or in two."""
    first: dict[tuple[str, str], ast.Name] = {}
    for kind, name in ((infer.kind, name) for infer in infers for name in infer.names):
        known = first.setdefault((kind, name.text), name)
        if known is not name:
            found.report(InferredTwice(name.span, name.text, known.span))


def _check_latents(scope: Scope, file: ast.File, *, infers: list[ast.Infer]) -> None:
    """Report latents that stay, unless a misspelt name may have been meant for them."""
    latents = {
        each.name.text: each.name
        for each in file.statements
        if isinstance(each, ast.Variable) and each.declare == "latent"
    }
    meant = {name.text for each in infers if each.kind == "infer" for name in each.names}
    if meant - set(latents):
        return
    asked = meant | _failed_players(scope, file)
    for text, name in latents.items():
        if text not in asked and text not in scope.failed:
            scope.found.report(LatentNotInferred(name.span, text))


def _failed_players(scope: Scope, file: ast.File) -> set[str]:
    """Name what other statements ask for in vain: `train z` of a latent is said already."""
    trains = [each for each in file.statements if isinstance(each, ast.Train)]
    finds = [each for each in file.statements if isinstance(each, ast.Infer)]
    names = {name.text for each in (*trains, *finds) for name in each.names}
    return {name for name in names if name in scope.statements}


def _check_order(
    found: Diagnostics, written: list[ast.Infer], *, infers: tuple[Infer, ...]
) -> None:
    """Report a start or an answer that needs what is not known yet."""
    gone: dict[str, Infer] = {}
    places = {(each.span.start, each.span.end): each for each in written}
    for infer in infers:
        gone |= dict.fromkeys(infer.names, infer)
        value = infer.encoded if infer.encoded is not None else infer.start
        needed = value.names if value is not None else frozenset[str]()
        early = next((name for name in gone if name in needed), None)
        if early is None:
            continue
        wanted = early if early in infer.names else infer.names[0]
        at = places[infer.span.start, infer.span.end]
        span = _place(at.from_ or at.method, name=early)
        found.report(WrongOrder(span, early, wanted, gone[early].span))


def _place(expr: ast.Expr, *, name: str) -> Span:
    """Return where a name stands in an expression; the expression where it is hidden."""
    names = (each for each in ast.walk(expr) if isinstance(each, ast.Name))
    return next((each.span for each in names if each.text == name), expr.span)


def _check_players(found: Diagnostics, trains: list[ast.Train]) -> None:
    """Report a parameter that two players move."""
    first: dict[str, ast.Name] = {}
    for name in (name for train in trains for name in train.names):
        known = first.setdefault(name.text, name)
        if known is not name:
            found.report(TrainedTwice(name.span, name.text, known.span))
    everything = [train for train in trains if not train.names]
    for train in everything[1:]:
        found.report(TrainedTwice(train.method.span, "", everything[0].method.span))


def _check_moved(
    found: Diagnostics, file: ast.File, *, trains: list[ast.Train], model: Model
) -> None:
    """Report a `train` of everything that is left, where nothing is."""
    named = {name.text for train in trains for name in train.names}
    declared = {each.name.text for each in file.statements if _is_learned(each)}
    if (declared | set(model.parameters)) - named:
        return
    for train in (each for each in trains if not each.names):
        found.report(TrainWithoutEffect(train.method.span, ()))


def _is_learned(statement: ast.Statement) -> TypeGuard[ast.Variable | ast.Net]:
    """Tell whether a statement declares something to learn, even one that nothing uses."""
    if isinstance(statement, ast.Variable):
        return statement.declare == "param"
    return isinstance(statement, ast.Net)
