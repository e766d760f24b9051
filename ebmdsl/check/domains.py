"""The domain of a value, and what may be done with values of a domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.check.mistakes import ShapeMismatch
from ebmdsl.check.model import Block, Declared
from ebmdsl.check.value_mistakes import WrongDomain
from ebmdsl.concepts.domain import REAL, Domain
from ebmdsl.concepts.shape import Misfit
from ebmdsl.expr.node import Node, Op
from ebmdsl.expr.prove import prove
from ebmdsl.source.diagnostic import Label
from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write

if TYPE_CHECKING:
    from ebmdsl.check.here import Here
    from ebmdsl.check.scope import Scope

BITS = Domain("binary")
ROWS = ("onehot", "simplex", "sphere")
_SAME = (Op.SHIFT, Op.STACK, Op.STOP, Op.POINT, Op.BATCH)
_KEPT = {
    "flip": 0,
    "hide": 0,
    "where": 1,
    "reshape": 0,
}  # functions that keep the domain of an argument
_ALPHABETS = ("binary", "spin", "onehot", "token")


def domain_of(node: Node) -> Domain:
    """Return the domain of a value's entries; what is computed is real."""
    if node.op is Op.VARIABLE:
        return node.data.domain
    if node.op is Op.COMPARE:
        return BITS
    if node.op is Op.DRAW:
        return Domain(node.data.law.domain)
    if node.op is Op.INDEX:
        return _entry(node)
    if node.op is Op.CALL and node.data.word in _KEPT:
        return domain_of(node.args[_KEPT[node.data.word]])
    if node.op in _SAME:
        return domain_of(node.args[0])
    if node.op is Op.POWER and node.data > 0 and domain_of(node.args[0]) == BITS:
        return BITS
    if node.op in (Op.MULTIPLY, Op.LIST):
        found = {domain_of(arg) for arg in node.args}
        return found.pop() if len(found) == 1 and found <= {BITS, *_tokens(node)} else REAL
    return REAL


def _tokens(node: Node) -> set[Domain]:
    return {domain_of(arg) for arg in node.args} if node.op is Op.LIST else set()


def _entry(node: Node) -> Domain:
    """Return the domain of entries: a part of a row is no row any more."""
    held = node.args[0]
    domain = domain_of(held)
    if domain.name in ROWS and node.data.axis == len(held.shape) - 1:
        return BITS if domain.name == "onehot" else REAL
    return domain


def number(here: Here, node: Node, *, at: ast.Expr) -> Node:
    """Return a value that can be computed with; a token cannot."""
    if domain_of(node).name == "token":
        raise here.reject(no_number(here.scope, at))
    return node


def no_number(scope: Scope, at: ast.Expr) -> WrongDomain:
    """Say that a token is no number, and what it is good for."""
    return WrongDomain(
        at.span,
        f"`{write(at)}` is a token, a sign of an alphabet, and no number",
        "let it select, as `A[y]`, compare it, or embed it by a net",
        declarations(scope, at),
    )


def compared(at: ast.Expr) -> WrongDomain:
    """Say that a comparison has no slope, so that nothing can be learned from it."""
    reason = f"`{write(at)}` is 0 or 1, and a term is a number that can fall"
    return WrongDomain(at.span, reason, "write the distance instead, as `relu(a - b)`")


def declarations(scope: Scope, expr: ast.Expr) -> tuple[Label, ...]:
    """Show where the variables of an expression were declared, with their domains."""
    labels: dict[str, Label] = {}
    for piece in ast.walk(expr):
        bound = scope.bound.get(piece.text) if isinstance(piece, ast.Name) else None
        if isinstance(bound, Declared) and bound.name not in labels:
            text = f"`{bound.name}` is {bound.quantity.domain.name}"
            labels[bound.name] = Label(bound.span, text)
    return tuple(labels.values())


def span_of(scope: Scope, name: str) -> Label | None:
    """Return the place where a variable or a node was declared, with its domain."""
    bound = scope.bound.get(name)
    if isinstance(bound, Declared):
        return Label(bound.span, f"`{name}` is {bound.quantity.domain.name}")
    return Label(bound.span, "declared here") if isinstance(bound, Block) else None


def taken(here: Here, call: ast.Call, *, kinds: tuple[str, ...], nodes: list[Node]) -> None:
    """Report the first argument that is not what a function takes there."""
    for place, node in enumerate(nodes):
        kind = kinds[place] if place < len(kinds) else "number"
        other = alphabet(node, nodes[0]) if kind == "labels" else None
        if other is not None:
            raise here.reject(ShapeMismatch(call.span, other.reason, other.remedy))
        reason = _misfit(kind, node)
        if not reason:
            continue
        at = call.args[place] if place < len(call.args) else call
        if kind == "number" and not isinstance(at, ast.Range):
            raise here.reject(no_number(here.scope, at))
        reason = f"`{write(at)}` is {domain_of(node).name}, and `{_word(call)}` takes {reason}"
        labels = declarations(here.scope, call)
        raise here.reject(WrongDomain(call.span, reason, _REMEDIES.get(kind, ""), labels))


def alphabet(node: Node, rows: Node) -> Misfit | None:
    """Return why tokens cannot be labels for these logits: there are other signs."""
    signs = domain_of(node).size
    if not signs or not rows.shape or rows.shape[-1] == signs:
        return None
    return Misfit(f"{rows.shape[-1]} logits are not for tokens of {signs} signs")


def _word(call: ast.Call) -> str:
    return write(call.function)


_REMEDIES = {
    "bits": "draw it by `random m : binary[…] ~ bernoulli(…)`, or compare",
    "signs": "declare it binary, spin, onehot or token",
    "shares": "scale it to 0..1, or use `sq` for real targets",
    "labels": "declare the labels as tokens, or as one-hot rows like the logits",
}


def _misfit(kind: str, node: Node) -> str:
    """Say what is taken, where a value is something else."""
    domain = domain_of(node).name
    match kind:
        case "entries":
            return ""
        case "signs":
            return "" if domain in _ALPHABETS else "entries that have few values"
        case "bits":
            computed = node.op is not Op.VARIABLE and _between(node)
            return "" if domain == "binary" or computed else "a mask of bits"
        case "shares":
            return "targets from 0 to 1" if domain == "token" or _beyond(node) else ""
        case "labels":
            signs = domain in ("token", "binary", "onehot", "simplex")
            return "" if signs or _between(node) else "tokens, or rows of shares"
        case _:
            return "numbers" if domain == "token" else ""


def _between(node: Node) -> bool:
    """Tell whether entries are proved to lie from 0 to 1."""
    facts = prove(node, node.names)
    return facts.low >= 0 and facts.high <= 1


def _beyond(node: Node) -> bool:
    """Tell whether entries are known to reach beyond 0 to 1, by domain or by data."""
    facts = prove(node, node.names)
    return -_FAR < facts.low < 0 or 1 < facts.high < _FAR


_FAR = float("inf")
