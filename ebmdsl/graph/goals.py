"""What training minimizes, and what only a measurement asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.graph.factor_graph import FactorId, Goal, VarId
from ebmdsl.graph.uses import Reader
from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Model
    from ebmdsl.graph.factor_graph import FactorGraph


def goals(model: Model, graph: FactorGraph, *, reader: Reader) -> tuple[Goal, ...]:
    """Read what every `train` minimizes; players with the same goal share it."""
    trains = [each for each in model.file.statements if isinstance(each, ast.Train)]
    values = {str(each.id) for each in (*graph.variables, *graph.blocks)}
    found: dict[str, Goal] = {}
    for number, train in enumerate(trains, 1):
        expr = _minimized(train)
        if expr is None:
            continue
        text = write(expr)
        first = found.get(text)
        players = (*(first.players if first else ()), number)
        inputs = tuple(VarId(name) for name in reader.uses(expr).names if name in values)
        name = first.id if first else FactorId(f"train {number}")
        found[text] = Goal(name, inputs, text, players, train.span)
    return tuple(found.values())


def _minimized(train: ast.Train) -> ast.Expr | None:
    match train.method:
        case ast.Call(function=ast.Name(text="minimize"), args=(expr,)) if not isinstance(
            expr, ast.Range
        ):
            return expr
        case _:
            return None


def only_measured(model: Model, graph: FactorGraph) -> tuple[str, ...]:
    """Name what a report, an expectation or a plot asks for, and nothing else."""
    users = {str(each.id): each.inputs for each in graph.blocks}
    asked = set(_behind(_measures(model), users, graph=graph))
    factors = [name for each in (*graph.factors, *graph.goals) for name in each.inputs]
    factors += [each.source for each in graph.links if each.kind == "point"]
    factors += [name for names in graph.players for name in names]
    needed = set(_behind(factors, users, graph=graph))
    every = (*graph.variables, *graph.blocks)
    return tuple(str(each.id) for each in every if each.id in asked - needed)


def _measures(model: Model) -> list[str]:
    statements = model.file.statements
    reader = Reader.of(statements)
    measures = (ast.Report, ast.Expect, ast.Plot)
    asked = [reader.uses(each.expr) for each in statements if isinstance(each, measures)]
    names = [name for each in asked for name in each.names]
    return names + [name for each in asked for name, _ in each.points]


def _behind(
    names: list[str], users: dict[str, tuple[VarId, ...]], *, graph: FactorGraph
) -> Iterator[str]:
    """Follow arrows and links back to everything that stands behind some names."""
    sources: dict[str, list[str]] = {}
    for link in graph.links:
        if link.kind != "point":
            sources.setdefault(link.target, []).append(link.source)
    pending, seen = list(names), set[str]()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        yield name
        pending += [*users.get(name, ()), *sources.get(name, ())]
