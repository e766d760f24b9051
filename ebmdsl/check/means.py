"""What `with` names for an inference: a solver, a sampler, a sum or a posterior."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, final

from ebmdsl._record import record
from ebmdsl.check.arguments import literal, options, parts
from ebmdsl.check.method_mistakes import NotADistribution, WrongMethod
from ebmdsl.check.mistakes import UnknownName, WrongArguments
from ebmdsl.check.model import Block, Declared
from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Sampler, Solver
from ebmdsl.concepts.marginals import Marginalizer
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.check.scope import Scope

    Ring = Literal["minimize", "marginalize", "sample", "encode"]

GRADIENTS = ("implicit", "unroll", "one_step")
VARIATIONAL = "variational"


@final
@record
class Means:
    """How an inference is done, where the file says so."""

    solver: Solver | None = None
    sampler: Sampler | None = None
    marginalizer: Marginalizer | None = None
    posterior: str = ""
    gradient: str = ""
    kept: int = 0


NO_MEANS = Means()


def means(scope: Scope, written: tuple[ast.Expr, ...], *, ring: Ring) -> Means:
    """Return what `with` names, if it suits the question that is asked."""
    match written:
        case ():
            return NO_MEANS
        case (only,):
            return _means(scope, only, ring=ring)
        case _:
            reason = "one method at a time"
            raise scope.reject(WrongArguments(written[1].span, reason, "leave this one out"))


def _means(scope: Scope, written: ast.Expr, *, ring: Ring) -> Means:
    name, call = parts(written)
    if name is None:
        raise scope.reject(WrongArguments(written.span, "a method is a word or a call"))
    _suit(scope, name, ring=ring, at=written)
    if name.text == VARIATIONAL:
        return Means(posterior=_posterior(scope, call, at=written))
    sampler, solver = find(Sampler, name.text), find(Solver, name.text)
    if ring == "sample" and sampler is not None:
        return Means(sampler=options(scope, sampler, written=call, at=written))
    summing = find(Marginalizer, name.text)
    if ring == "marginalize" and summing is not None:
        return Means(marginalizer=options(scope, summing, written=call, at=written))
    assert solver is not None
    gradient, call = _gradient(scope, call)
    kept, call = _kept(scope, call, gradient=gradient)
    chosen = options(scope, solver, written=call, at=written)
    return Means(chosen, gradient=gradient, kept=kept)


def _suit(scope: Scope, name: ast.Name, *, ring: Ring, at: ast.Expr) -> None:
    """Report a word that nobody knows, or that answers another question."""
    if name.text in _known(ring):
        return
    does, instead = _answers(name.text)
    if ring == "encode":
        reason = "`encode` is an answer already, and needs no method"
        raise scope.reject(WrongArguments(at.span, reason, "leave `with` out"))
    if not does:
        what = {"minimize": "solver", "sample": "sampler"}.get(ring, "method")
        raise scope.unknown(name, what, known=_known(ring))
    remedy = f"write `by {instead} with {name.text}`, or leave the method to the planner"
    raise scope.reject(WrongMethod(at.span, name.text, ring, does, remedy))


def _known(ring: Ring) -> tuple[str, ...]:
    match ring:
        case "minimize":
            return words(Solver)
        case "marginalize":
            return (*words(Marginalizer), VARIATIONAL)
        case "sample":
            return words(Sampler)
        case "encode":
            return ()


def _answers(word: str) -> tuple[str, str]:
    """Say what a method does, and which question that answers."""
    if word == VARIATIONAL:
        return "bounds a sum or an integral", "marginalize"
    if find(Sampler, word) is not None:
        return "draws", "sample"
    if find(Solver, word) is not None:
        return "finds a minimum", "minimize"
    if find(Marginalizer, word) is not None:
        return "sums or integrates", "marginalize"
    return "", ""


def _posterior(scope: Scope, call: ast.Call | None, *, at: ast.Expr) -> str:
    """Return the name of the distribution that `variational(q)` takes."""
    match call:
        case ast.Call(args=(ast.Name() as name,), named=()):
            bound = scope.get(name.text)
        case _:
            reason = "`variational` takes a distribution by name"
            raise scope.reject(WrongArguments(at.span, reason, "as `variational(zq)`"))
    if bound is None:
        raise scope.unknown(name, "distribution", known=())
    if isinstance(bound, Block) and bound.random:
        return name.text
    declared = bound.span if isinstance(bound, Block | Declared) else None
    raise scope.reject(NotADistribution(name.span, name.text, declared))


def _gradient(scope: Scope, call: ast.Call | None) -> tuple[str, ast.Call | None]:
    """Take `gradient = …` out of the options of a solver."""
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


def _kept(scope: Scope, call: ast.Call | None, *, gradient: str) -> tuple[int, ast.Call | None]:
    """Take `checkpoint = …` out of the options: every how many states are remembered."""
    named = call.named if call is not None else ()
    given = next((each for each in named if each.name.text == "checkpoint"), None)
    if call is None or given is None:
        return 0, call
    count = literal(scope, given.value)
    if gradient != "unroll":
        reason = "`checkpoint` is about the steps that `gradient = unroll` remembers"
        raise scope.reject(WrongArguments(given.name.span, reason, "leave it out"))
    if not isinstance(count, int) or count < 1:
        reason = f"every {count}th state cannot be remembered"
        raise scope.reject(WrongArguments(given.value.span, reason, "as `checkpoint = 10`"))
    return count, replace(call, named=tuple(each for each in named if each is not given))
