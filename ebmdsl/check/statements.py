"""Statements that say what to do: infer, train, run, report, expect, plot."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, cast

from ebmdsl.check.arguments import chosen, literal, number, options, parts
from ebmdsl.check.declarations import mentioned, written
from ebmdsl.check.expressions import elaborate
from ebmdsl.check.mistakes import NotSupportedYet, UnknownName, WrongArguments
from ebmdsl.check.model import Block, Declared, Hyper, Infer, Measure, Plot, Settings, Train
from ebmdsl.check.scope import Local, Scope, Template
from ebmdsl.check.statement_mistakes import BadSetting, WrongRole
from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Optimizer, Sampler, Solver, Strategy
from ebmdsl.expr.build import add, const
from ebmdsl.expr.node import Node
from ebmdsl.source.suggest import did_you_mean
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Sequence

RINGS = ("minimize", "marginalize", "sample", "encode")
SPLITS = ("train", "validation", "test")
GRADIENTS = ("implicit", "unroll", "one_step")


def infer(scope: Scope, statement: ast.Infer) -> Infer:
    """Type an `infer` or `predict` statement."""
    name, call = parts(statement.method)
    if name is None or name.text not in RINGS:
        at = name or statement.method
        raise scope.reject(
            UnknownName(at.span, at.span.text, RINGS, "way for a variable to disappear")
        )
    role = "latent" if statement.kind == "infer" else "observed"
    names = tuple(
        _with_role(scope, each, role=role, verb=statement.kind) for each in statement.names
    )
    solver, gradient = _solver(scope, statement.with_)
    terms = _terms(scope, call, ring=name)
    return Infer(
        statement.kind,
        names,
        cast("Any", name.text),
        terms=None if name.text == "encode" else terms,
        beta=_beta(scope, call),
        solver=solver,
        gradient=gradient,
        start=None if statement.from_ is None else elaborate(scope, statement.from_),
        encoded=terms if name.text == "encode" else None,
        method=statement.with_[0].span if statement.with_ else statement.method.span,
        span=statement.span,
    )


def _with_role(scope: Scope, name: ast.Name, *, role: str, verb: str) -> str:
    bound = scope.get(name.text)
    if bound is None:
        known = tuple(_declared(scope, role))
        raise scope.reject(UnknownName(name.span, name.text, known, role))
    if isinstance(bound, Declared) and bound.role == role:
        return name.text
    if isinstance(bound, Template) and role == "param":
        return name.text
    is_a = bound.role if isinstance(bound, Declared | Block) else "something else"
    hyper = isinstance(bound, Hyper)
    declared = bound.span if hyper else scope.statements[name.text].name.span
    reason = f"`{verb}` takes {_PLURALS[role]}, and `{name.text}` is none"
    remedy = _remedy(is_a, name.text)
    raise scope.reject(WrongRole(name.span, reason, declared, is_a, remedy))


_PLURALS = {"latent": "latents", "observed": "observed variables", "param": "parameters"}


def _remedy(is_a: str, name: str) -> str:
    match is_a:
        case "observed":
            return f"to find an observed variable write `predict {name} by minimize`"
        case "latent":
            return f"latents disappear by `infer {name} by minimize`"
        case "param":
            return f"parameters are moved by `train {name} by energy`"
        case _:
            return ""


def _declared(scope: Scope, role: str) -> list[str]:
    variables = [s for s in scope.statements.values() if isinstance(s, ast.Variable)]
    return [each.name.text for each in variables if each.declare == role]


def _terms(scope: Scope, call: ast.Call | None, *, ring: ast.Name) -> Node | None:
    """Return what is minimized, or what a latent is encoded as; None for the whole energy."""
    args = call.args if call is not None else ()
    if ring.text == "encode" and len(args) != 1:
        raise scope.reject(
            WrongArguments(ring.span, "`encode` takes the value, as `encode(u)`")
        )
    if args and ring.text not in ("minimize", "encode"):
        reason = f"`{ring.text}` is about the whole energy and takes no terms"
        raise scope.reject(WrongArguments(args[0].span, reason))
    values = [arg for arg in args if not isinstance(arg, ast.Range)]
    return add(*(elaborate(scope, value) for value in values)) if values else None


def _beta(scope: Scope, call: ast.Call | None) -> float:
    for argument in call.named if call is not None else ():
        if argument.name.text != "beta":
            reason = f"`{argument.name.text}` is no option here"
            raise scope.reject(WrongArguments(argument.span, reason, "the option is `beta`"))
        assert not isinstance(argument.value, ast.Range)
        beta = float(number(scope, argument.value))
        if beta <= 0:
            raise scope.reject(WrongArguments(argument.value.span, "`beta` is above zero"))
        return beta
    return 1.0


def _solver(scope: Scope, written_: tuple[ast.Expr, ...]) -> tuple[Solver | None, str]:
    """Return the solver that `with` names, and how its answer is differentiated."""
    if not written_:
        return None, ""
    name, call = parts(written_[0])
    if name is not None and name.text in ("variational", *words(Sampler)):
        raise scope.reject(NotSupportedYet(written_[0].span, f"`{name.text}`"))
    gradient, call = _gradient(scope, call)
    if name is None or find(Solver, name.text) is None:
        return chosen(scope, Solver, method=written_[0], what="solver"), gradient
    return options(scope, _found(name.text), written=call, at=written_[0]), gradient


def _found(word: str) -> type[Solver]:
    solver = find(Solver, word)
    assert solver is not None
    return solver


def _gradient(scope: Scope, call: ast.Call | None) -> tuple[str, ast.Call | None]:
    named = call.named if call is not None else ()
    given = [each for each in named if each.name.text == "gradient"]
    if call is None or not given:
        return "", call
    word = str(literal(scope, given[0].value))
    if word not in GRADIENTS:
        known = UnknownName(given[0].value.span, word, GRADIENTS, "gradient mode")
        raise scope.reject(known)
    rest = tuple(each for each in named if each is not given[0])
    return word, replace(call, named=rest)


def train(scope: Scope, statement: ast.Train) -> Train:
    """Type a `train` statement: the core form, or a strategy to be expanded."""
    names = tuple(
        _with_role(scope, each, role="param", verb="train") for each in statement.names
    )
    optimizer, every = _optimizer(scope, statement.with_)
    player = Train(names, None, None, optimizer, every, statement.span)
    name, call = parts(statement.method)
    if name is not None and name.text == "minimize" and call is not None:
        values = [arg for arg in call.args if not isinstance(arg, ast.Range)]
        objective = add(const(0), *(elaborate(scope, value) for value in values))
        return replace(player, objective=objective)
    strategy = chosen(scope, Strategy, method=statement.method, what="training strategy")
    return replace(player, strategy=strategy)


def _optimizer(scope: Scope, written_: tuple[ast.Expr, ...]) -> tuple[Optimizer | None, int]:
    if not written_:
        return None, 1
    name, call = parts(written_[0])
    named = call.named if call is not None else ()
    every = next((each for each in named if each.name.text == "every"), None)
    if every is None or call is None or name is None:
        return chosen(scope, Optimizer, method=written_[0], what="optimizer"), 1
    assert not isinstance(every.value, ast.Range)
    kept = replace(call, named=tuple(each for each in named if each is not every))
    turn = int(number(scope, every.value))
    return chosen(scope, Optimizer, method=kept, what="optimizer"), turn


def settings(scope: Scope, statements: Sequence[ast.Run]) -> Settings:
    """Read the `run` settings, the last value of each key."""
    result = Settings()
    known = {each.name: each for each in fields(Settings)}
    for setting in (each for run in statements for each in run.settings):
        name = setting.name.text
        if name not in known:
            hint = did_you_mean(name, tuple(known)) or f"known: {', '.join(known)}"
            scope.found.report(BadSetting(setting.name.span, f"no setting `{name}`", hint))
            continue
        result = _set(scope, result, setting=setting)
    return result


def _set(scope: Scope, result: Settings, *, setting: ast.Named) -> Settings:
    name = setting.name.text
    value = literal(scope, setting.value)
    least = 0 if name in ("seed", "epochs", "steps") else 1
    if not isinstance(value, int) or value < least:
        reason = f"`{name}` is a whole number of at least {least}"
        scope.found.report(BadSetting(setting.value.span, reason))
        return result
    if name == "precision" and value not in (32, 64):
        scope.found.report(BadSetting(setting.value.span, "`precision` is 32 or 64"))
        return result
    return replace(result, **{name: value})


def _split(scope: Scope, on: ast.Name | None) -> str:
    if on is not None and on.text not in SPLITS:
        raise scope.reject(UnknownName(on.span, on.text, SPLITS, "split"))
    return "test" if on is None else on.text


def measure(scope: Scope, statement: ast.Report | ast.Expect) -> Measure:
    """Type a number to report or a condition to expect."""
    split = _split(scope, statement.on)
    node = elaborate(scope, statement.expr, local=Local(report=split))
    if isinstance(statement, ast.Expect) and not isinstance(statement.expr, ast.Compare):
        reason = "an `expect` compares two numbers, as `expect mean(F) < 1`"
        raise scope.reject(WrongArguments(statement.expr.span, reason))
    name = statement.name.text if isinstance(statement, ast.Report) else ""
    text = written(statement.expr)
    return Measure(name, node, split, text, statement.span)


def plot(scope: Scope, statement: ast.Plot) -> Plot:
    """Read which picture is asked for, and of what."""
    name, call = parts(statement.expr)
    if name is None:
        raise scope.reject(WrongArguments(statement.expr.span, "a picture is a word or a call"))
    split = _split(scope, statement.on)
    if call is not None:
        mentioned(scope, call)
    arguments = tuple(arg.span.text for arg in call.args) if call is not None else ()
    return Plot(name.text, arguments, split, statement.span)
