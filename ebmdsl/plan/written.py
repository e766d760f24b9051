"""What a `train` looks like in the file: the names and the method that were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Model, Train
    from ebmdsl.source.text import Span


def statements(file: ast.File) -> Iterator[ast.Statement]:
    """List all statements of a program, those of its stages in their places."""
    for each in file.statements:
        yield from each.statements if isinstance(each, ast.Stage) else (each,)


def statement_of(model: Model, train: Train) -> ast.Train | None:
    """Return the statement that a player comes from."""
    found = (each for each in statements(model.file) if isinstance(each, ast.Train))
    return next((each for each in found if each.span == train.span), None)


def method_of(model: Model, train: Train) -> Span:
    """Return where a `train` says how: `energy` in `train W by energy`."""
    found = statement_of(model, train)
    return train.span if found is None else found.method.span


def named(model: Model, train: Train) -> dict[str, Span]:
    """Return where a `train` names what it moves; a strategy may have added the names."""
    found = statement_of(model, train)
    return {} if found is None else _written(found)


def named_anywhere(model: Model) -> tuple[frozenset[str], bool]:
    """Return all names that a `train` was written with, and whether one names nothing."""
    written = [_written(s) for s in statements(model.file) if isinstance(s, ast.Train)]
    return frozenset(name for names in written for name in names), not all(written)


def _written(statement: ast.Train) -> dict[str, Span]:
    return {n.text: n.span for n in statement.names if n.span.text == n.text}
