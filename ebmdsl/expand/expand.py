"""Replace every named strategy by statements of the core form, which are checked again."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ebmdsl._record import record
from ebmdsl.check.check import check
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.text import Source, Span
from ebmdsl.syntax import ast
from ebmdsl.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ebmdsl.check.model import Model, Train
    from ebmdsl.concepts.kinds import Strategy

S = TypeVar("S", bound=ast.Syntax)


@record
class Expandable:
    """What a strategy may ask about the program it expands."""

    model: Model

    @property
    def observed(self) -> tuple[str, ...]:
        """Names of the observed variables."""
        return tuple(each.name for each in self.model.with_role("observed"))

    def trained(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names, or every parameter that no other `train` names."""
        taken = {name for train in self.model.trains for name in train.names}
        return names or tuple(each for each in self.model.parameters if each not in taken)


def expand(
    model: Model, found: Diagnostics, overrides: Mapping[str, Any] | None = None
) -> Model | None:
    """Return the model in the core form; the model itself when nothing is to be done."""
    if all(train.strategy is None for train in model.trains):
        return model
    return check(expanded_file(model), found, overrides)


def expanded_file(model: Model) -> ast.File:
    """Return the program with its strategies written out."""
    trains = iter(model.trains)
    statements: list[ast.Statement] = []
    for statement in model.file.statements:
        train = next(trains) if isinstance(statement, ast.Train) else None
        if train is None or train.strategy is None or not isinstance(statement, ast.Train):
            statements.append(statement)
        else:
            statements += _written_out(model, train, train.strategy, statement)
    return replace(model.file, statements=tuple(statements))


def _written_out(
    model: Model, train: Train, strategy: Strategy, statement: ast.Train
) -> list[ast.Statement]:
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
