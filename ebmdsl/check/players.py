"""Players: which parameters a `train` moves, what for, and by which rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.check.arguments import chosen, number, parts
from ebmdsl.check.attempts import attempt, every
from ebmdsl.check.expressions import elaborate
from ebmdsl.check.mistakes import TermNotScalar, UnknownName, WrongArguments
from ebmdsl.check.model import Declared, Hyper, Train
from ebmdsl.check.roles import role_of
from ebmdsl.check.scope import Local, Template
from ebmdsl.check.statement_mistakes import WrongRole
from ebmdsl.concepts.kinds import Optimizer, Strategy
from ebmdsl.concepts.shape import is_scalar, show
from ebmdsl.expr.build import add
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.check.scope import Bound, Scope
    from ebmdsl.expr.node import Node
    from ebmdsl.source.text import Span

CORE = "minimize"
TURN = "every"


def train(scope: Scope, statement: ast.Train) -> Train:
    """Type a `train` statement: the core form, or a strategy to be expanded."""
    names = attempt(lambda: _named(scope, statement.names))
    player = attempt(lambda: _player(scope, statement.with_))
    name, call = parts(statement.method)
    if name is not None and name.text == CORE:
        objective = attempt(lambda: _objective(scope, call, at=name))
        return replace(player(), names=names(), objective=objective(), span=statement.span)
    strategy = attempt(
        lambda: chosen(scope, Strategy, method=statement.method, what="training strategy")
    )
    return replace(player(), names=names(), strategy=strategy(), span=statement.span)


def _named(scope: Scope, names: tuple[ast.Name, ...]) -> tuple[str, ...]:
    return every(lambda name: with_role(scope, name, role="param", verb="train"), names)


def _objective(scope: Scope, call: ast.Call | None, *, at: ast.Name) -> Node:
    if call is None or not call.args:
        reason = "`minimize` needs what is minimized"
        span = at.span if call is None else call.span
        raise scope.reject(WrongArguments(span, reason, "as `minimize(F)`"))
    if call.named:
        reason = f"`minimize` has no option `{call.named[0].name.text}`"
        raise scope.reject(WrongArguments(call.named[0].name.span, reason))
    return add(*every(lambda value: _summand(scope, value), call.args))


def _summand(scope: Scope, value: ast.Value) -> Node:
    if isinstance(value, ast.Range):
        raise scope.reject(WrongArguments(value.span, "a range cannot be minimized"))
    node = elaborate(scope, value, local=Local(place="loss"))
    if not is_scalar(node.shape):
        raise scope.reject(TermNotScalar(value.span, value.span.text, show(node.shape)))
    return node


def _player(scope: Scope, written: tuple[ast.Expr, ...]) -> Train:
    """Return a player with its rule and its turn, and nothing else yet."""
    match written:
        case ():
            return Train((), None, None, None)
        case (only,):
            return _ruled(scope, only)
        case _:
            reason = "one rule at a time"
            raise scope.reject(WrongArguments(written[1].span, reason, "leave this one out"))


def _ruled(scope: Scope, method: ast.Expr) -> Train:
    _, call = parts(method)
    named = call.named if call is not None else ()
    turns = [each for each in named if each.name.text == TURN]
    if len(turns) > 1:
        raise scope.reject(WrongArguments(turns[1].span, f"`{TURN}` is given twice"))
    rule = method
    if call is not None and turns:
        rule = replace(call, named=tuple(each for each in named if each is not turns[0]))
    turn = attempt(lambda: _turn(scope, turns[0].value) if turns else 1)
    optimizer = attempt(lambda: chosen(scope, Optimizer, method=rule, what="optimizer"))
    return Train((), None, None, optimizer(), turn())


def _turn(scope: Scope, value: ast.Value) -> int:
    turn = 0 if isinstance(value, ast.Range) else number(scope, value)
    if turn < 1 or turn != int(turn):
        reason = f"`{TURN}` is a whole number of at least 1, not `{value.span.text}`"
        raise scope.reject(WrongArguments(value.span, reason))
    return int(turn)


def with_role(scope: Scope, name: ast.Name, *, role: str, verb: str) -> str:
    """Return a name that plays the part a statement asks for, or report that it does not."""
    bound = scope.get(name.text)
    if bound is None:
        known = tuple(_declared(scope, role))
        raise scope.reject(UnknownName(name.span, name.text, known, _SINGULARS[role]))
    if isinstance(bound, Declared) and bound.role == role:
        return name.text
    if isinstance(bound, Template) and role == "param" and bound.learned:
        return name.text
    is_a, declared = described(scope, name.text, bound=bound)
    reason = f"`{verb}` takes {_SINGULARS[role]}s, and `{name.text}` is none"
    remedy = _remedy(is_a, name.text)
    raise scope.reject(WrongRole(name.span, reason, declared, is_a, remedy))


_SINGULARS = {"latent": "latent", "observed": "observed variable", "param": "parameter"}


def described(scope: Scope, name: str, *, bound: Bound) -> tuple[str, Span]:
    """Say what a name was declared as, and where."""
    declared = bound.span if isinstance(bound, Hyper) else scope.statements[name].name.span
    return role_of(bound), declared


def _remedy(is_a: str, name: str) -> str:
    match is_a:
        case "an observed variable":
            return f"to find an observed variable write `predict {name} by minimize`"
        case "a latent":
            return f"latents disappear by `infer {name} by minimize`"
        case "a parameter" | "a net":
            return f"parameters are moved by `train {name} by energy`"
        case "a trained model":
            return "everything in it is frozen: train it in its own file"
        case "a moving average":
            return "it follows the net that it averages: train that one"
        case _:
            return ""


def _declared(scope: Scope, role: str) -> list[str]:
    """Name what could have been meant; parameters are nets as well."""
    found = scope.statements.values()
    variables = [s for s in found if isinstance(s, ast.Variable) and s.declare == role]
    nets = [s for s in found if isinstance(s, ast.Net)] if role == "param" else []
    return [each.name.text for each in (*variables, *nets)]
