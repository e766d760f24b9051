"""Values at other points: `E(z = v)`, `recon(z = 0)`, `F(yn)`, `g(y = y + e)`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.check.attempts import every
from ebmdsl.check.domains import domain_of
from ebmdsl.check.here import Here, value
from ebmdsl.check.mistakes import ShapeMismatch, WrongArguments
from ebmdsl.check.model import Block, Declared
from ebmdsl.check.plates import whole_node
from ebmdsl.check.roles import role_of
from ebmdsl.check.scope import RESERVED, RejectedError, place
from ebmdsl.check.statement_mistakes import WrongRole
from ebmdsl.check.value_mistakes import WrongDomain
from ebmdsl.concepts.shape import is_scalar, show
from ebmdsl.expr.build import variable
from ebmdsl.expr.node import Node, Quantity
from ebmdsl.expr.points import Value, moved, replacing
from ebmdsl.source.diagnostic import Label
from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ebmdsl.check.scope import Scope

Given = tuple[ast.Name, ast.Expr]


def at_point(here: Here, call: ast.Call, *, name: ast.Name) -> Node:
    """Return a value where some variables are replaced; what depends on them is found anew."""
    given = _given(here, call)
    _depending(here, call, name=name, given=given)
    values = dict(every(lambda pair: _replacing(here, pair, name=name), given))
    inside = reread(here, values)
    return moved(inside.node(name), values, fixed=_fixed(here.scope, values))


def _given(here: Here, call: ast.Call) -> list[Given]:
    """Pair the names that are replaced with what replaces them."""
    given = [(each.name, value(here, each.value)) for each in call.named]
    if call.args or not given:
        given = [(_only_observed(here, call), value(here, call.args[0])), *given]
    names = [name.text for name, _ in given]
    for at, (name, _) in enumerate(given):
        if name.text in names[:at]:
            reason = f"`{name.text}` is replaced twice"
            raise here.reject(WrongArguments(name.span, reason))
    return given


def _only_observed(here: Here, call: ast.Call) -> ast.Name:
    """Return what an argument without a name replaces."""
    observed = observed_names(here.scope)
    lost = not observed and here.scope.lost is not None
    if lost or any(name.text in here.scope.failed for name in observed):
        raise RejectedError
    if len(call.args) == 1 and len(observed) == 1:
        return observed[0]
    at = call.args[min(len(call.args), len(observed) or 1, 2) - 1] if call.args else call
    if len(call.args) > 1 and len(observed) == 1:
        at = call.args[1]
    reason = f"`{write(call.function)}` at another point: name what is replaced"
    remedy = "one argument without a name replaces the only observed variable"
    raise here.reject(WrongArguments(at.span, reason, f"as `… (y = …)`; {remedy}"))


def _depending(here: Here, call: ast.Call, *, name: ast.Name, given: list[Given]) -> None:
    """Report a variable that is the same at every point but its own."""
    bound = here.scope.get(name.text) if name.text not in RESERVED else None
    if not isinstance(bound, Declared) or bound.role == "latent":
        return
    if any(replaced.text == name.text for replaced, _ in given):
        return
    reason = f"`{name.text}` is no function, and is the same at every point"
    raise here.reject(WrongArguments(call.span, reason))


def observed_names(scope: Scope) -> list[ast.Name]:
    """List the names of the observed variables."""
    return scope.once("observed", lambda: _all_observed(scope))


def _all_observed(scope: Scope) -> list[ast.Name]:
    declared = [s for s in scope.statements.values() if isinstance(s, ast.Variable)]
    return [each.name for each in declared if each.declare == "observed"]


def _replacing(here: Here, pair: Given, *, name: ast.Name) -> tuple[str, Value]:
    """Type what replaces a variable or a node: it has the shape of what it replaces."""
    replaced, written = pair
    bound = here.scope.get(replaced.text)
    if bound is None:
        raise here.scope.unknown(replaced, "variable", known=())
    if not isinstance(bound, Declared | Block):
        reason = f"`{replaced.text}` is no variable and no node, so it has no other value"
        raise here.reject(WrongRole(replaced.span, reason, place(bound), role_of(bound)))
    if name.text == "F" and isinstance(bound, Declared) and bound.role == "latent":
        reason = f"F does not depend on `{bound.name}`, which it is minimized or summed over"
        remedy = f"the energy there is `E({bound.name} = …)`"
        raise here.reject(WrongArguments(replaced.span, reason, remedy))
    node = here.node(written)
    own, shape = whole_node(bound).plates, whole_node(bound).shape
    _fitting(here, node, bound=bound, at=written)
    return replaced.text, replacing(node, shape, plates=own)


def _fitting(here: Here, node: Node, *, bound: Declared | Block, at: ast.Expr) -> None:
    held = whole_node(bound)
    whole = (*(plate.size for plate in held.plates), *held.shape)
    if node.shape != whole and not is_scalar(node.shape):
        reason = f"`{bound.name}` is {show(whole)}, and what replaces it is {show(node.shape)}"
        label = Label(bound.span, f"`{bound.name}` is {show(whole)}")
        remedy = "a plated variable is replaced whole" if held.plates else _indexed(node, whole)
        raise here.reject(ShapeMismatch(at.span, reason, remedy, (label,)))
    one, other = domain_of(held), domain_of(node)
    if "token" in (one.name, other.name) and one != other:
        reason = f"`{bound.name}` is {one.name}, and what replaces it is {other.name}"
        raise here.reject(WrongDomain(at.span, reason))


def _indexed(node: Node, whole: tuple[int, ...]) -> str:
    """Tell how one of several values is meant, where there are several."""
    return "index it, as `mean[j](F(yn[j]))`" if node.shape[1:] == whole else ""


def reread(here: Here, values: Iterable[str]) -> Here:
    """Return a place where nodes are variables, and what depends on them is read again."""
    scope = here.scope
    blocks = {n: b for n in values if isinstance(b := scope.get(n), Block)}
    if not blocks:
        return here
    stale = _dependents(scope, set(blocks))
    bound = {name: each for name, each in scope.bound.items() if name not in stale}
    for name, block in blocks.items():
        quantity = Quantity(name, "node", domain_of(block.node))
        node = variable(quantity, block.node.shape, plates=block.node.plates)
        bound[name] = replace(block, node=node)
    return replace(here, scope=replace(scope, bound=bound, working=[*scope.working]))


def _dependents(scope: Scope, names: set[str]) -> set[str]:
    """Name all that is made of these names, directly or not; E is made of every term."""
    users = scope.once("users", lambda: _users(scope))
    stale, pending = set(names), [*names]
    while pending:
        fresh = users.get(pending.pop(), frozenset()) - stale
        stale |= fresh
        pending += fresh
    return stale


def _users(scope: Scope) -> dict[str, frozenset[str]]:
    """Return for every name the declarations that mention it; E mentions every term."""
    found: dict[str, set[str]] = {}
    for name, statement in scope.statements.items():
        for used in _mentioned(statement):
            found.setdefault(used, set()).add(name)
        if isinstance(statement, ast.Term):
            found.setdefault(name, set()).add("E")
    return {name: frozenset(users) for name, users in found.items()}


def _mentioned(statement: ast.Statement) -> set[str]:
    return {piece.text for piece in ast.walk(statement) if isinstance(piece, ast.Name)}


def _fixed(scope: Scope, values: Iterable[str]) -> frozenset[str]:
    """Name what stays: log Z does not depend on what it integrates over."""
    bound = [scope.get(name) for name in values]
    observed = all(isinstance(each, Declared) and each.role == "observed" for each in bound)
    return frozenset({"logZ"}) if observed else frozenset()
