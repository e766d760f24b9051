"""Replace every named strategy by statements of the core form, which are checked again."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ebmdsl.check.check import check
from ebmdsl.check.mistakes import UnknownName, WrongArguments
from ebmdsl.check.overlay import NAMED
from ebmdsl.expand.mistakes import UnsuitableStrategy
from ebmdsl.expand.program import Expandable
from ebmdsl.expand.warmth import warmed, warmth
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.text import Source, Span
from ebmdsl.syntax import ast
from ebmdsl.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ebmdsl.check.check import Bring
    from ebmdsl.check.model import Model, Train
    from ebmdsl.source.mistake import Mistake

S = TypeVar("S", bound=ast.Syntax)


def expand(
    model: Model,
    found: Diagnostics,
    *,
    overrides: Mapping[str, Any] | None = None,
    bring: Bring | None = None,
) -> Model | None:
    """Return the model in the core form; the model itself when nothing is to be done."""
    read = _read(model)
    if all(train.strategy is None for each in read for train in each.trains):
        return model
    if not suits(model, found):
        return None
    return check(expanded_file(model), found, overrides=overrides, bring=bring)


def _read(model: Model) -> tuple[Model, ...]:
    """List the programs that a model holds: what is outside of its stages, and each stage."""
    return (model, *(stage.model for stage in model.stages))


def suits(model: Model, found: Diagnostics) -> bool:
    """Tell whether every strategy suits a model; report those that do not."""
    judged = [
        _judge(each, train, statement=statement)
        for each in filter(_is_sound, _read(model))
        for train, statement in _players(each, each.file.statements)
        if train.strategy is not None
    ]
    wrong = [each for each in judged if each is not None]
    for each in wrong:
        found.report(each)
    return not wrong


def _is_sound(model: Model) -> bool:
    """Tell whether all variables and nodes could be read: else who knows what they are."""
    declared = (*model.declared, *model.blocks)
    known = {each.name for each in declared}
    wanted = (ast.Variable, ast.Node)
    named = {each.name.text for each in model.file.statements if isinstance(each, wanted)}
    return model.file.lost is None and named <= known


def _judge(model: Model, train: Train, *, statement: ast.Train) -> Mistake | None:
    """Return what is wrong with a strategy: an option by itself, or in this model."""
    strategy, method = train.strategy, statement.method
    assert strategy is not None
    fault = strategy.fault()
    if fault is not None:
        at = _places(method).get(fault.text, method.span)
        if fault.known:
            return UnknownName(at, fault.text, fault.known, fault.what)
        return WrongArguments(at, fault.reason, fault.remedy)
    refused = strategy.misfit(Expandable(model))
    if refused is None and _expansion(model, train) is None:
        reason = f"`{strategy.word}` cannot be written out with these options"
        return WrongArguments(method.span, reason, "each option is a number, a name or a call")
    if refused is None:
        return None
    return UnsuitableStrategy(method.span, strategy.word, refused.reason, refused.remedy)


def _players(
    model: Model, statements: tuple[ast.Statement, ...]
) -> Iterator[tuple[Train, ast.Train]]:
    """Pair what `train` statements mean with how they are written."""
    meant = {(each.span.start, each.span.end): each for each in model.trains}
    for each in statements:
        train = meant.get((each.span.start, each.span.end))
        if isinstance(each, ast.Train) and train is not None:
            yield train, each


def expanded_file(model: Model) -> ast.File:
    """Return the program with its strategies written out, in each stage where it has some."""
    if not model.stages:
        statements = _expanded(model, model.file.statements)
        return replace(model.file, statements=statements)
    models = iter(model.stages)
    kept = (
        replace(each, statements=_expanded(next(models).model, each.statements))
        if isinstance(each, ast.Stage)
        else each
        for each in model.file.statements
    )
    return replace(model.file, statements=tuple(kept))


def _expanded(model: Model, statements: tuple[ast.Statement, ...]) -> tuple[ast.Statement, ...]:
    """Return statements with their strategies written out; `model` is what they mean."""
    players = {id(written): train for train, written in _players(model, statements)}
    kept: list[ast.Statement] = []
    written: list[ast.Statement] = []
    for statement in statements:
        train = players.get(id(statement))
        if train is None or train.strategy is None or not isinstance(statement, ast.Train):
            kept.append(statement)
            continue
        new = _written_out(model, train, statement=statement)
        kept += new
        written += new
    return _renewed(kept, written)


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
    """Return the statements of the core form that a strategy stands for."""
    file = _expansion(model, train)
    assert file is not None, "a strategy is judged before it is written out"
    beta = warmth(model.file)
    kept = (_as_warm(each, beta) for each in file.statements)
    return [_completed(each, statement) for each in kept]


def _expansion(model: Model, train: Train) -> ast.File | None:
    """Return what a strategy writes; None where its options make no program of it."""
    strategy = train.strategy
    assert strategy is not None
    program = Expandable(model)
    names = program.trained(train.names)
    lines = "\n".join(strategy.expand(program, names)) if names else ""
    text = f"model expansion\n{lines}\n"
    file, problems = parse(Source(f"expansion of {strategy.word}", text))
    return file if problems.ok else None


def _as_warm(each: ast.Statement, beta: ast.Expr | None) -> ast.Statement:
    """Multiply F by beta; F alone has its minimum where it had it, and stays as it is."""
    if beta is None or (isinstance(each, ast.Train) and each.method == _PLAIN):
        return each
    return warmed(each, beta)


_PLAIN = ast.Call(ast.Name("minimize"), (ast.Name("F"),))


def _completed(each: ast.Statement, origin: ast.Train) -> ast.Statement:
    """Place an expanded statement at the statement it comes from, with its `with` clauses."""
    placed = relocated(each, origin.method.span, places=_places(origin.method))
    if not isinstance(placed, ast.Train):
        return placed
    own = {name.text: name for name in origin.names}
    names = tuple(own.get(name.text, name) for name in placed.names)
    return replace(placed, names=names, span=origin.span, with_=placed.with_ or origin.with_)


def _places(method: ast.Expr) -> dict[str, Span]:
    """Say where the options of a strategy are written: their text stands in its expansion.

    A call inside an option is known by its word, too, since its arguments may change.
    """
    if not isinstance(method, ast.Call):
        return {}
    values = (*method.args, *(each.value for each in method.named))
    found = {value.span.text: value.span for value in values}
    inner = [each for value in values for each in ast.walk(value)]
    calls = [each for each in inner if isinstance(each, ast.Call)]
    words = {each.function.span.text: each.function.span for each in calls}
    called = {f"{each.function.span.text}(": each.span for each in calls}
    told = {each.span.text: each.span for each in inner if not isinstance(each, ast.Name)}
    named = {each.span.text: each.span for each in inner if isinstance(each, ast.Name)}
    return named | words | called | told | found


def relocated(node: S, span: Span, *, places: Mapping[str, Span] | None = None) -> S:
    """Return the same tree, written at one place; what is known by its text at its own."""
    here = _place(node, span, places=places or {})
    changes: dict[str, Any] = {"span": here}
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, ast.Syntax):
            changes[each.name] = relocated(value, here, places=places)
        elif isinstance(value, tuple):
            values = cast("tuple[Any, ...]", value)
            changes[each.name] = tuple(
                relocated(v, here, places=places) if isinstance(v, ast.Syntax) else v
                for v in values
            )
    return replace(node, **changes)


def _place(node: ast.Syntax, span: Span, *, places: Mapping[str, Span]) -> Span:
    found = places.get(node.span.text)
    if found is None and isinstance(node, ast.Call):
        found = places.get(f"{node.function.span.text}(")
    return found or span
