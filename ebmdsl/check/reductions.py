"""Reductions: over an index or a named dimension, over a split, over the batch."""

from __future__ import annotations

from dataclasses import replace
from math import log, prod
from typing import TYPE_CHECKING, Any

from ebmdsl.check.arguments import bound_options, literal, refused
from ebmdsl.check.dimensions import dimensions
from ebmdsl.check.domains import number
from ebmdsl.check.here import Here, positional
from ebmdsl.check.mistakes import UnknownName, WrongArguments
from ebmdsl.check.model import Settings
from ebmdsl.check.plates import bound_plates
from ebmdsl.check.value_mistakes import MisplacedExpression
from ebmdsl.concepts.base import find
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit
from ebmdsl.expr.build import add, const, scaled
from ebmdsl.expr.node import Node, Op, make
from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.scope import Scope
    from ebmdsl.expr.node import Plate

OVER_INDEX = ("sum", "mean", "std", "min", "max", "median", "quantile", "logsumexp")
STATISTICS = ("mean", "std", "cov")


def over_index(here: Here, call: ast.Call, *, word: ast.Name, index: ast.Name) -> Node:
    """Return a reduction over one plate or dimension: `mean[j](F(yn[j]))`, `sum[c](x)`."""
    if word.text not in OVER_INDEX:
        raise here.scope.unknown(word, "reduction over an index", known=OVER_INDEX)
    how = _how(here, call, word=word.text)
    only = call if isinstance(how, str) else replace(call, args=call.args[:1], named=())
    args = positional(here, only)
    if len(args) != 1:
        raise here.reject(WrongArguments(call.span, f"`{word.text}` takes one argument"))
    if not _is_index(args[0], index.text):
        return _over_dimension(here, args[0], how=how, index=index)
    binder = ast.Binder(index, span=index.span)
    (plate,) = bound_plates(here.scope, (binder,), expr=args[0], local=here.local)
    inside = replace(here.local, plates={**here.local.plates, plate.index: plate})
    node = number(here, replace(here, local=inside).node(args[0]), at=args[0])
    return _over(how, node, plate=plate)


def _how(here: Here, call: ast.Call, *, word: str) -> str | Function:
    """Return how entries are reduced: by a word, or by a function that has options."""
    if word != "quantile":
        return word
    concept: Any = find(Function, word)
    rest = replace(call, args=call.args[1:])
    made: Function = concept(**bound_options(here.scope, concept, written=rest, at=call))
    refused_ = made.shape(())
    if isinstance(refused_, Misfit):
        raise here.reject(refused(concept, refused_, written=rest, at=call))
    return made


def _is_index(expr: ast.Expr, index: str) -> bool:
    """Tell whether a name is used as an index."""
    subscripts = (s for at in _ats(expr) for s in at.subscripts)
    inside = (piece for each in subscripts for piece in ast.walk(each))
    return any(isinstance(piece, ast.Name) and piece.text == index for piece in inside)


def _ats(expr: ast.Expr) -> Iterator[ast.At]:
    """Yield what is indexed; what a reduction over an index binds is no subscript."""
    called = {id(p.function) for p in ast.walk(expr) if isinstance(p, ast.Call)}
    yield from (p for p in ast.walk(expr) if isinstance(p, ast.At) and id(p) not in called)


def _over(word: str | Function, node: Node, *, plate: Plate) -> Node:
    if plate not in node.plates:
        return _of_equals(word, node, count=plate.size)
    rest = tuple(each for each in node.plates if each != plate)
    data = (word, plate.index)
    return make(Op.OVER_PLATE, (node,), data=data, shape=node.shape, plates=rest)


def _of_equals(word: str | Function, node: Node, *, count: int) -> Node:
    """Return the reduction of a value that is the same for every index."""
    match word:
        case "sum":
            return scaled(count, node)
        case "std":
            return const(0, node.shape)
        case "logsumexp":
            return add(node, const(log(count)))
        case _:
            return node


def _over_dimension(
    here: Here, expr: ast.Expr, *, how: str | Function, index: ast.Name
) -> Node:
    node = number(here, here.node(expr), at=expr)
    names = dimensions(here.scope, node)
    if index.text not in names:
        known = tuple(filter(None, names))
        raise here.reject(UnknownName(index.span, index.text, known, "index or dimension"))
    axis = names.index(index.text)
    shape = (*node.shape[:axis], *node.shape[axis + 1 :])
    data = (how, index.text, axis)
    return make(Op.OVER_PLATE, (node,), data=data, shape=shape, plates=node.plates)


def statistic(here: Here, expr: ast.Attr, *, node: Node) -> Node:
    """Return `u.mean`, `u.std` or `u.cov`: over the split, entry by entry."""
    name, local = expr.name.text, here.local
    if not local.report and local.place != "start":
        raise here.reject(
            MisplacedExpression(
                expr.span,
                f"`{write(expr)}`",
                "it is a statistic over a split, known in `init`, laws and reports",
                f"for one sample write `{name}({write(expr.base)})`"
                if name != "cov"
                else "let a parameter start from it by `init`",
            )
        )
    number(here, node, at=expr)
    shape = node.shape if name != "cov" else (prod(node.shape),) * 2
    split = ("train",) if local.place == "start" else ()
    return make(Op.SPLIT, (node,), data=(name, True, *split), shape=shape)


def batch(here: Here, call: ast.Call) -> Node:
    """Return `batch(u)`: the values of all samples of the batch, one row each."""
    args = positional(here, call)
    if len(args) != 1:
        raise here.reject(WrongArguments(call.span, "`batch` takes one value"))
    if here.local.place != "loss":
        raise here.reject(
            MisplacedExpression(
                call.span,
                f"`{write(call)}`",
                "the energy is of one sample, and a batch is known in a loss only",
                "declare the term as a `loss`, or write it into `minimize(…)`",
            )
        )
    node = here.node(args[0])
    if not node.per_sample:
        reason = f"`{write(args[0])}` is one value for all samples"
        raise here.reject(WrongArguments(args[0].span, reason))
    shape = (batch_size(here.scope), *node.shape)
    return make(Op.BATCH, (node,), shape=shape, plates=node.plates)


def batch_size(scope: Scope) -> int:
    """Return how many samples a batch has, by the `run` settings."""
    return scope.once("batch", lambda: _batch_size(scope))


def _batch_size(scope: Scope) -> int:
    statements = scope.file.statements if scope.file is not None else ()
    runs = (each for each in statements if isinstance(each, ast.Run))
    named = (setting for run in runs for setting in run.settings)
    written = [setting.value for setting in named if setting.name.text == "batch"]
    size = literal(scope, written[-1]) if written else Settings().batch
    return size if isinstance(size, int) and size > 0 else Settings().batch
