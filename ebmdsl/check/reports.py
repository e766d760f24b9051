"""What only a report may say: numbers over a split, certificates, minimizers, filled gaps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.check.arguments import parts
from ebmdsl.check.domains import taken
from ebmdsl.check.here import Here, positional, value
from ebmdsl.check.mistakes import ShapeMismatch, WrongArguments
from ebmdsl.check.model import Declared
from ebmdsl.check.plates import unindexed, whole_node
from ebmdsl.check.roles import role_of
from ebmdsl.check.scope import RejectedError, place
from ebmdsl.check.statement_mistakes import WrongRole
from ebmdsl.check.value_mistakes import MisplacedExpression
from ebmdsl.concepts.shape import Misfit, is_scalar, show
from ebmdsl.expr.build import variable
from ebmdsl.expr.node import Node, Op, Quantity, make
from ebmdsl.expr.points import point
from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Function

OVER_SPLIT = ("sum", "mean", "std", "min", "max", "median", "quantile", "logsumexp")
CERTIFICATES = ("gap", "residual", "steps")
CHAINS = ("acceptance", "r_hat", "ess")
ONLY_THERE = ("fill", "mode", *CERTIFICATES, *CHAINS)


def in_report(here: Here, call: ast.Call, *, word: str) -> Node:
    """Return a value that is known after training only."""
    if not here.local.report:
        raise here.reject(misplaced(call))
    if word == "fill":
        return _filled(here, call)
    latent = _latent(here, call, word=word)
    if word in CHAINS:
        _verify_sampled(here, call, latent=latent, word=word)
    if word in (*CERTIFICATES, *CHAINS):
        return variable(Quantity(f"{word}({latent.name})", "certificate"), ())
    quantity = Quantity(f"mode({latent.name})", "found", latent.quantity.domain)
    return unindexed(variable(quantity, latent.shape, plates=latent.plates))


def misplaced(call: ast.Call) -> MisplacedExpression:
    """Say that a word stands in reports only."""
    return MisplacedExpression(
        call.span,
        f"`{write(call)}`",
        "it is known after training, over a split",
        "write it in a `report` or an `expect`",
    )


def _latent(here: Here, call: ast.Call, *, word: str) -> Declared:
    match positional(here, call):
        case (ast.Name() as name,):
            bound = here.scope.get(name.text)
        case _:
            raise here.reject(WrongArguments(call.span, f"`{word}` takes a latent"))
    if bound is None:
        raise here.scope.unknown(name, "latent", known=())
    if isinstance(bound, Declared) and (bound.role == "latent" or _is_found(here, bound)):
        return bound
    reason = f"`{word}` takes a latent, and `{name.text}` is none"
    raise here.reject(WrongRole(name.span, reason, place(bound), role_of(bound)))


def _is_found(here: Here, bound: Declared) -> bool:
    """Tell whether the program says how to find an observed variable."""
    return bound.name in here.scope.once("predicted", lambda: _predicted(here))


def _predicted(here: Here) -> frozenset[str]:
    statements = here.scope.file.statements if here.scope.file is not None else ()
    found = (s for s in statements if isinstance(s, ast.Infer) and s.kind == "predict")
    return frozenset(name.text for each in found for name in each.names)


def _verify_sampled(here: Here, call: ast.Call, *, latent: Declared, word: str) -> None:
    """Report what is asked about chains of a latent that is not drawn."""
    if latent.name in here.scope.once("sampled", lambda: _sampled(here)):
        return
    if here.scope.lost is not None:
        raise RejectedError  # what draws it may be in a statement that was not read
    reason = f"`{word}` is about chains, and `{latent.name}` is not sampled"
    remedy = f"write `infer {latent.name} by sample`"
    raise here.reject(WrongRole(call.span, reason, latent.span, role_of(latent), remedy))


def _sampled(here: Here) -> frozenset[str]:
    statements = here.scope.file.statements if here.scope.file is not None else ()
    drawn = (s for s in statements if isinstance(s, ast.Infer) and _samples(s))
    return frozenset(name.text for each in drawn for name in each.names)


def _samples(statement: ast.Infer) -> bool:
    name, _ = parts(statement.method)
    return name is not None and name.text == "sample"


def _filled(here: Here, call: ast.Call) -> Node:
    """Return `fill(y, m)`: y with the entries that m marks, as `predict y` finds them."""
    given = [value(here, arg) for arg in call.args]
    given += [value(here, each.value) for each in call.named if each.name.text == "where"]
    if len(given) != len(call.args) + len(call.named) or len(given) != _VARIABLE_AND_MASK:
        reason = "`fill` takes an observed variable and a mask"
        raise here.reject(WrongArguments(call.span, reason, "as `fill(y, m)`"))
    bound = _observed(here, given[0])
    held, mask = unindexed(whole_node(bound)), here.node(given[1])
    taken(here, replace(call, args=tuple(given)), kinds=("entries", "bits"), nodes=[held, mask])
    if mask.shape != held.shape and not is_scalar(mask.shape):
        reason = f"a mask {show(mask.shape)} does not fit {show(held.shape)}"
        raise here.reject(ShapeMismatch(call.span, reason))
    quantity = Quantity(f"fill({bound.name})", "found", bound.quantity.domain)
    return point(variable(quantity, held.shape), {"where": mask})


_VARIABLE_AND_MASK = 2


def _observed(here: Here, expr: ast.Expr) -> Declared:
    bound = here.scope.get(expr.text) if isinstance(expr, ast.Name) else None
    if not isinstance(bound, Declared) or bound.role != "observed":
        reason = "`fill` takes an observed variable"
        raise here.reject(WrongArguments(expr.span, reason, "as `fill(y, m)`"))
    if _is_found(here, bound):
        return bound
    if here.scope.lost is not None:
        raise RejectedError  # what finds it may be in a statement that was not read
    reason = f"nothing finds `{bound.name}`, so no entry of it can be filled"
    remedy = f"write `predict {bound.name} by minimize`"
    raise here.reject(WrongRole(expr.span, reason, bound.span, role_of(bound), remedy))


def over_split(here: Here, call: ast.Call, *, function: Function, nodes: list[Node]) -> Node:
    """Return a word of evaluation over a split: `linear_probe(f(x), views.label)`."""
    if not here.local.report:
        raise here.reject(misplaced(call))
    shape = function.shape(*(node.shape for node in nodes))
    if isinstance(shape, Misfit):
        raise here.reject(ShapeMismatch(call.span, shape.reason, shape.remedy))
    return make(Op.SPLIT, tuple(nodes), data=(function, False), shape=shape)


def reduced(node: Node, how: str | Function) -> Node:
    """Return one number over the whole split; `how` is a word, or a function with options."""
    return make(Op.SPLIT, (node,), data=(how, False))
