"""Replace every named strategy by statements of the core form, which are checked again."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ebmdsl.check.check import check
from ebmdsl.expand.extends import NAMED
from ebmdsl.expand.mistakes import UnsuitableStrategy
from ebmdsl.expand.program import Expandable
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.text import Source, Span
from ebmdsl.syntax import ast
from ebmdsl.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ebmdsl.check.model import Model, Train

S = TypeVar("S", bound=ast.Syntax)


def expand(
    model: Model, found: Diagnostics, *, overrides: Mapping[str, Any] | None = None
) -> Model | None:
    """Return the model in the core form; the model itself when nothing is to be done."""
    if all(train.strategy is None for train in model.trains):
        return model
    for train in model.trains:
        if not _suits(model, train, found=found):
            return None
    return check(expanded_file(model), found, overrides=overrides)


def _suits(model: Model, train: Train, *, found: Diagnostics) -> bool:
    strategy = train.strategy
    if strategy is None:
        return True
    refused = strategy.misfit(Expandable(model))
    if refused is not None:
        found.report(
            UnsuitableStrategy(train.span, strategy.word, refused.reason, refused.remedy)
        )
    return refused is None


def expanded_file(model: Model) -> ast.File:
    """Return the program with its strategies written out."""
    trains = iter(model.trains)
    kept: list[ast.Statement] = []
    written: list[ast.Statement] = []
    for statement in model.file.statements:
        train = next(trains) if isinstance(statement, ast.Train) else None
        if train is None or train.strategy is None or not isinstance(statement, ast.Train):
            kept.append(statement)
            continue
        new = _written_out(model, train, statement=statement)
        kept += new
        written += new
    return replace(model.file, statements=_renewed(kept, written))


def _renewed(
    kept: list[ast.Statement], written: list[ast.Statement]
) -> tuple[ast.Statement, ...]:
    """Let a written declaration take the place of the one that has its name."""
    new = set(map(id, written))
    old = {_name(each) for each in kept if id(each) not in new} - {""}
    renewals = {_name(each): each for each in written if _name(each) in old}
    moved = set(map(id, renewals.values()))
    rest = (each for each in kept if id(each) not in moved)
    return tuple(renewals.get(_name(each), each) for each in rest)


def _name(statement: ast.Statement) -> str:
    return statement.name.text if isinstance(statement, NAMED) else ""


def _written_out(model: Model, train: Train, *, statement: ast.Train) -> list[ast.Statement]:
    strategy = train.strategy
    assert strategy is not None
    program = Expandable(model)
    names = program.trained(train.names)
    if not names:
        return []
    lines = "\n".join(strategy.expand(program, names))
    file, problems = parse(
        Source(f"expansion of {strategy.word}", f"model expansion\n{lines}\n")
    )
    if file is None or not problems.ok:
        raise AssertionError(f"the expansion of `{strategy.word}` does not parse:\n{lines}")
    return [_completed(each, statement) for each in file.statements]


def _completed(each: ast.Statement, origin: ast.Train) -> ast.Statement:
    """Place an expanded statement at the statement it comes from, with its `with` clauses."""
    placed = relocated(each, origin.span)
    if isinstance(placed, ast.Train) and not placed.with_:
        return replace(placed, with_=origin.with_)
    return placed


def relocated(node: S, span: Span) -> S:
    """Return the same tree, written at one place."""
    changes: dict[str, Any] = {"span": span}
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, ast.Syntax):
            changes[each.name] = relocated(value, span)
        elif isinstance(value, tuple):
            changes[each.name] = _relocated_all(cast("tuple[Any, ...]", value), span)
    return replace(node, **changes)


def _relocated_all(values: tuple[Any, ...], span: Span) -> tuple[Any, ...]:
    return tuple(relocated(v, span) if isinstance(v, ast.Syntax) else v for v in values)
