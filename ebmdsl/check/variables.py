"""Declared variables: their domain and shape, where they come from and what they obey."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.check.arguments import chosen, unfit
from ebmdsl.check.attempts import attempt, every, otherwise
from ebmdsl.check.expressions import elaborate
from ebmdsl.check.here import Here
from ebmdsl.check.laws import law
from ebmdsl.check.mistakes import UnknownDomain, WrongArguments
from ebmdsl.check.model import Declared, Init
from ebmdsl.check.plates import bound_plates
from ebmdsl.check.scope import Local, Scope
from ebmdsl.check.sizes import names_of, size_of
from ebmdsl.check.sources import check_source, field_of, source
from ebmdsl.check.starts import initial
from ebmdsl.check.value_mistakes import WrongDomain
from ebmdsl.concepts.domain import BOUNDS, Domain
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.expr.node import Quantity
from ebmdsl.source.text import Span
from ebmdsl.syntax import ast
from ebmdsl.syntax.mistakes import MisplacedClause

if TYPE_CHECKING:
    from ebmdsl.concepts.shape import Shape

SIZED = {"token": "27", "onehot": "8", "simplex": "8", "sphere": "3"}
CLAUSES = {
    "given": ("from",),
    "observed": ("from", "with"),
    "latent": ("with",),
    "param": ("with", "init"),
    "random": ("~",),
}


def variable(scope: Scope, statement: ast.Variable) -> Declared:
    """Type a declared variable; its parts fail by themselves.

    What it obeys and how it starts may be wrong: it has a domain and a shape all the same.
    """
    name = statement.name
    typed = attempt(lambda: domain_and_shape(scope, statement.type))
    plates = attempt(lambda: bound_plates(scope, statement.plate, expr=None, local=Local()))
    clauses = _clauses(scope, statement)
    origin = attempt(lambda: source(scope, clauses["from"]))
    constraints = otherwise(lambda: _constraints(scope, statement, shape=typed()[1]), ())
    init = otherwise(lambda: _start(scope, clauses["init"], typed=typed()), None)
    drawn = otherwise(lambda: _law(scope, clauses["~"], typed=typed()), None)
    domain, shape = typed()
    declared = Declared(
        Quantity(name.text, statement.declare, domain),
        shape,
        plates=plates(),
        constraints=constraints,
        init=init,
        source=origin(),
        law=drawn,
        dims=names_of(scope, statement.type),
        span=name.span,
    )
    check_source(scope, statement.type, declared=declared)
    return replace(declared, quantity=_bounded(scope, declared))


def _start(
    scope: Scope, written: ast.Expr | None, *, typed: tuple[Domain, Shape]
) -> Init | None:
    """Return how a parameter starts: a number lies in its domain."""
    if written is None:
        return None
    domain, shape = typed
    init = initial(scope, written, shape=shape)
    values = init.options if init.word == "constant" else ()
    numbers = [each for each in values if isinstance(each, int | float)]
    if any(not domain.low <= each <= domain.high for each in numbers):
        reason = f"{written.span.text} is not {domain.name}"
        raise scope.reject(WrongDomain(written.span, reason, "start inside of the domain"))
    return init


def _law(scope: Scope, written: ast.Expr | None, *, typed: tuple[Domain, Shape]) -> Init | None:
    if written is None:
        return None
    domain, shape = typed
    here = Here(scope, Local(place="start"), elaborate)
    return law(here, written, domain=domain.name, shape=shape)


def _clauses(scope: Scope, statement: ast.Variable) -> dict[str, ast.Expr | None]:
    """Return the clauses that this kind of variable has, and report the others."""
    allowed = CLAUSES[statement.declare]
    first = statement.with_[0] if statement.with_ else None
    written = {
        "~": statement.law,
        "with": first,
        "init": statement.init,
        "from": statement.from_,
    }
    for word, expr in written.items():
        if expr is None or word in allowed:
            continue
        listed = " and ".join(f"`{each}`" for each in allowed)
        what = f"{statement.declare} {statement.name.text}"
        scope.found.report(MisplacedClause(_keyword(expr.span, word), what, listed))
    return {word: expr if word in allowed else None for word, expr in written.items()}


def _keyword(span: Span, word: str) -> Span:
    """Return where the word in front of a clause stands; the clause where it was made up."""
    start = span.source.text.rfind(word, 0, span.start)
    return Span(span.source, start, start + len(word)) if start >= 0 else span


def _constraints(
    scope: Scope, statement: ast.Variable, *, shape: Shape
) -> tuple[Constraint, ...]:
    return every(lambda each: constraint(scope, each, shape=shape), statement.with_)


def constraint(scope: Scope, written: ast.Expr, *, shape: Shape) -> Constraint:
    """Return a constraint that a value of this shape can obey."""
    found = chosen(scope, Constraint, method=written, what="constraint")
    refused = found.misfit(shape)
    if refused is not None:
        raise scope.reject(unfit(found, refused, written=written))
    return found


def _bounded(scope: Scope, declared: Declared) -> Quantity:
    """Return the quantity with what its data and its constraints say about its entries."""
    quantity = declared.quantity
    ends = [each.bounds for each in declared.constraints]
    if declared.source is not None:
        field = field_of(scope, declared.source)
        ends.append((field.low, field.high))
    if not ends:
        return quantity
    low, high = max(low for low, _ in ends), min(high for _, high in ends)
    tighter = low > quantity.domain.low or high < quantity.domain.high
    return replace(quantity, bounds=(low, high)) if tighter else quantity


def domain_and_shape(scope: Scope, written: ast.Type) -> tuple[Domain, Shape]:
    """Read `real[144]`, `onehot[k]`, `token[27]`, `real[c = 3, h = 32]`."""
    word = written.name
    if word.text not in BOUNDS:
        raise scope.reject(UnknownDomain(word.span, word.text, tuple(BOUNDS)))
    sizes = every(lambda dim: _size(scope, dim, domain=word.text), written.dims)
    if not sizes and word.text in SIZED:
        reason = f"`{word.text}` needs a size, as `{word.text}[{SIZED[word.text]}]`"
        raise scope.reject(WrongArguments(written.span, reason))
    if word.text == "token":
        return Domain("token", sizes[-1]), sizes[:-1]
    return Domain(word.text), sizes


def _size(scope: Scope, dim: ast.Dim, *, domain: str) -> int:
    size = size_of(scope, dim, domain=domain)
    if size < 1:
        raise scope.reject(WrongArguments(dim.size.span, f"a size is at least 1, not {size}"))
    return size
