"""How variables disappear (`infer`) or are found (`predict`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, final

from ebmdsl._record import record
from ebmdsl.check.arguments import number, parts, whole
from ebmdsl.check.attempts import attempt, every
from ebmdsl.check.expressions import elaborate
from ebmdsl.check.means import NO_MEANS, means
from ebmdsl.check.method_mistakes import WrongMoves
from ebmdsl.check.mistakes import (
    NotAConstant,
    ShapeMismatch,
    TermNotScalar,
    UnknownName,
    UsesItself,
    WrongArguments,
)
from ebmdsl.check.model import Declared, Infer, Term
from ebmdsl.check.players import with_role
from ebmdsl.check.scope import RejectedError
from ebmdsl.check.statement_mistakes import WrongRole
from ebmdsl.concepts.shape import is_scalar, show
from ebmdsl.expr.build import add, const
from ebmdsl.expr.node import Op, quantities
from ebmdsl.expr.prove import prove
from ebmdsl.source.diagnostic import Label
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Callable

    from ebmdsl.check.scope import Scope
    from ebmdsl.concepts.kinds import Sampler
    from ebmdsl.expr.node import Node

Ring = Literal["minimize", "marginalize", "sample", "encode"]
RINGS: tuple[Ring, ...] = ("minimize", "marginalize", "sample", "encode")
WARM = ("marginalize", "sample")  # the rings that a temperature means something to
STARTS = "starts"


@final
@record
class Start:
    """Where a search begins: at a value, or at several ones on a line."""

    value: Node | None = None
    written: ast.Expr | None = None
    line: tuple[float, float, int] | None = None


def infer(scope: Scope, statement: ast.Infer) -> Infer:
    """Type an `infer` or `predict` statement; its parts fail by themselves."""
    ring: Callable[[], Ring] = attempt(lambda: _ring(scope, statement.method))
    names = attempt(lambda: _named(scope, statement))
    terms = attempt(lambda: _terms(scope, statement, ring=ring()))
    beta = attempt(lambda: _beta(scope, statement.method, ring=ring()))
    start = attempt(lambda: _start(scope, statement, ring=ring()))
    how = attempt(lambda: means(scope, statement.with_, ring=ring()))
    wanted = names()
    chosen = how() if statement.with_ else NO_MEANS
    _suit(scope, statement, wanted=wanted, start=start(), terms=terms())
    _suit_posterior(scope, statement, wanted=wanted, posterior=chosen.posterior)
    _suit_sampler(scope, statement, wanted=wanted, sampler=chosen.sampler)
    encoded = ring() == "encode"
    return Infer(
        statement.kind,
        tuple(each.name for each in wanted),
        ring(),
        terms=None if encoded else terms(),
        beta=float(beta().data) if beta().op is Op.CONST else 1.0,
        annealed=None if beta().op is Op.CONST else beta(),
        solver=chosen.solver,
        sampler=chosen.sampler,
        marginalizer=chosen.marginalizer,
        posterior=chosen.posterior,
        gradient=chosen.gradient,
        kept=chosen.kept,
        start=start().value,
        starts=start().line,
        encoded=terms() if encoded else None,
        method=statement.with_[0].span if statement.with_ else statement.method.span,
        span=statement.span,
    )


def _ring(scope: Scope, method: ast.Expr) -> Ring:
    name, _ = parts(method)
    if name is None or name.text not in RINGS:
        at = name or method
        what = "way for a variable to disappear"
        raise scope.reject(UnknownName(at.span, at.span.text, RINGS, what))
    return next(each for each in RINGS if each == name.text)


def _named(scope: Scope, statement: ast.Infer) -> tuple[Declared, ...]:
    role = "latent" if statement.kind == "infer" else "observed"
    names = every(
        lambda name: with_role(scope, name, role=role, verb=statement.kind), statement.names
    )
    found = (scope.get(name) for name in names)
    return tuple(each for each in found if isinstance(each, Declared))


def _terms(scope: Scope, statement: ast.Infer, *, ring: Ring) -> Node | None:
    """Return what is minimized, or what a latent is encoded as; None for the whole energy."""
    method = statement.method
    name, call = parts(method)
    assert name is not None
    args = call.args if call is not None else ()
    if ring == "encode" and len(args) != 1:
        remedy = "`encode` takes the value, as `encode(u)`"
        raise scope.reject(WrongArguments(method.span, remedy))
    if args and ring in WARM:
        reason = f"`{ring}` is about the whole energy and takes no terms"
        raise scope.reject(WrongArguments(args[0].span, reason))
    for arg in args if ring == "encode" else ():
        _refuse_itself(scope, arg, names=statement.names)
        _refuse_several(scope, statement.names)
    values = every(lambda arg: _summand(scope, arg, ring=ring), args)
    return add(*values) if values else None


def _summand(scope: Scope, arg: ast.Value, *, ring: Ring) -> Node:
    if isinstance(arg, ast.Range):
        raise scope.reject(WrongArguments(arg.span, f"`{ring}` takes no range"))
    node = elaborate(scope, arg)
    if ring == "encode":
        return node
    _refuse_losses(scope, arg)
    if not is_scalar(node.shape):
        raise scope.reject(TermNotScalar(arg.span, arg.span.text, show(node.shape)))
    return node


def _refuse_losses(scope: Scope, arg: ast.Expr) -> None:
    """Report a term that is not part of the energy where a part of the energy is asked for."""
    for piece in ast.walk(arg):
        bound = scope.bound.get(piece.text) if isinstance(piece, ast.Name) else None
        if isinstance(bound, Term) and not bound.in_energy:
            reason = f"`minimize` takes terms of the energy, and `{bound.name}` is none"
            remedy = "declare it as a `cost` or a `regularizer`"
            raise scope.reject(WrongRole(piece.span, reason, bound.span, "a loss", remedy))


def _beta(scope: Scope, method: ast.Expr, *, ring: Ring) -> Node:
    """Return beta: a number above zero, or what changes during training."""
    _, call = parts(method)
    given = call.named if call is not None else ()
    for argument in given:
        if argument.name.text != "beta" or ring not in WARM:
            reason = f"`{ring}` has no option `{argument.name.text}`"
            remedy = "the option is `beta`" if ring in WARM else "it takes none by name"
            raise scope.reject(WrongArguments(argument.name.span, reason, remedy))
    if len(given) > 1:
        raise scope.reject(WrongArguments(given[1].span, "`beta` is given twice"))
    return _positive(scope, given[0].value) if given else const(1)


def _positive(scope: Scope, value: ast.Value) -> Node:
    reason = f"`beta` is a number above zero, not `{value.span.text}`"
    if isinstance(value, ast.Range):
        raise scope.reject(WrongArguments(value.span, reason))
    node = elaborate(scope, value)
    roles = {each.role for each in quantities(node)}
    if roles - {"schedule"} or not is_scalar(node.shape):
        raise scope.reject(NotAConstant(value.span, "`beta`"))
    facts = prove(node, node.names)
    if facts.high <= 0 or (node.op is Op.CONST and node.data <= 0):
        raise scope.reject(WrongArguments(value.span, reason))
    return node


def _start(scope: Scope, statement: ast.Infer, *, ring: Ring) -> Start:
    match statement.from_:
        case None:
            return Start()
        case written if ring == "encode":
            reason = "`encode` is an answer already, and needs no start"
            raise scope.reject(WrongArguments(written.span, reason, "leave `from` out"))
        case ast.Call(function=ast.Name(text="starts")) as call if scope.get(STARTS) is None:
            if ring != "minimize":
                reason = f"`{ring}` takes one start, and `starts` gives several"
                remedy = "search from several starts by `minimize`"
                raise scope.reject(WrongArguments(call.span, reason, remedy))
            return Start(line=_line(scope, call))
        case written:
            _refuse_itself(scope, written, names=statement.names)
            return Start(elaborate(scope, written), written)


def _refuse_several(scope: Scope, names: tuple[ast.Name, ...]) -> None:
    """Report a second variable where one value is the answer."""
    for name in names[1:2]:
        reason = "`encode` gives one variable its value"
        raise scope.reject(WrongArguments(name.span, reason, "write one `infer` for each"))


def _refuse_itself(scope: Scope, written: ast.Value, *, names: tuple[ast.Name, ...]) -> None:
    """Report an answer or a start that is made of what is still to be found."""
    wanted = {name.text: name for name in names}
    for piece in ast.walk(written):
        if isinstance(piece, ast.Name) and piece.text in wanted:
            found = wanted[piece.text].span
            raise scope.reject(UsesItself(piece.span, piece.text, found))


def _line(scope: Scope, call: ast.Call) -> tuple[float, float, int]:
    match call.args:
        case (ast.Range() as ends, count) if not (isinstance(count, ast.Range) or call.named):
            low, high = float(number(scope, ends.low)), float(number(scope, ends.high))
            many = whole(scope, count)
        case _:
            reason = "`starts` takes the first and the last value, and how many"
            raise scope.reject(WrongArguments(call.span, reason, "as `starts(-2..2, 9)`"))
    if many < 1 or high < low:
        at, reason = (count, "at least one start") if many < 1 else (ends, "a range that rises")
        raise scope.reject(WrongArguments(at.span, f"`starts` needs {reason}"))
    return low, high, many


def _suit(
    scope: Scope,
    statement: ast.Infer,
    *,
    wanted: tuple[Declared, ...],
    start: Start,
    terms: Node | None,
) -> None:
    """Report values that do not have the shape of what is found, and terms without it."""
    failures = [
        *_misshapen(scope, start.written, value=start.value, wanted=wanted),
    ]
    name, call = parts(statement.method)
    arg = call.args[0] if call is not None and call.args else None
    if name is not None and name.text == "encode":
        failures += _misshapen(scope, arg, value=terms, wanted=wanted)
    elif terms is not None and arg is not None:
        failures += _absent(scope, arg, terms=terms, wanted=wanted)
    if failures:
        raise RejectedError


def _misshapen(
    scope: Scope,
    written: ast.Value | None,
    *,
    value: Node | None,
    wanted: tuple[Declared, ...],
) -> list[RejectedError]:
    if value is None or written is None or is_scalar(value.shape):
        return []
    shape = (*(plate.size for plate in value.plates), *value.shape)
    wrong = [each for each in wanted if each.whole != shape]
    if not wrong:
        return []
    reason = f"`{wrong[0].name}` is {show(wrong[0].whole)}, but this is {show(shape)}"
    seen = (Label(wrong[0].span, f"`{wrong[0].name}` is {show(wrong[0].whole)}"),)
    return [scope.reject(ShapeMismatch(written.span, reason, seen=seen))]


def _absent(
    scope: Scope, arg: ast.Value, *, terms: Node, wanted: tuple[Declared, ...]
) -> list[RejectedError]:
    missing = [each.name for each in wanted if each.name not in terms.names]
    if not missing:
        return []
    reason = f"`{missing[0]}` does not appear in what is minimized"
    return [scope.reject(WrongArguments(arg.span, reason, "name the terms that it is in"))]


def _suit_sampler(
    scope: Scope, statement: ast.Infer, *, wanted: tuple[Declared, ...], sampler: Sampler | None
) -> None:
    """Report a sampler that moves through a continuum, or among few values, where none is."""
    kinds = [
        each for each in wanted if sampler and each.quantity.domain.discrete != sampler.discrete
    ]
    if sampler is None or not kinds:
        return
    name, domain, at = kinds[0].name, kinds[0].quantity.domain, statement.with_[0].span
    moves = "among few values" if sampler.discrete else "through a continuum"
    raise scope.reject(WrongMoves(at, sampler.word, moves, name, domain.name, kinds[0].span))


def _suit_posterior(
    scope: Scope, statement: ast.Infer, *, wanted: tuple[Declared, ...], posterior: str
) -> None:
    """Report a posterior of another shape than its latent, or one for several latents."""
    if not posterior:
        return
    written = statement.with_[0]
    if len(wanted) != 1:
        reason = "a posterior is of one latent"
        remedy = "write one `infer` for each"
        raise scope.reject(WrongArguments(written.span, reason, remedy))
    name = written.args[0] if isinstance(written, ast.Call) else written
    value = elaborate(scope, ast.Name(posterior, span=name.span))
    if wanted[0].name in value.names:
        raise scope.reject(UsesItself(name.span, wanted[0].name, wanted[0].span))
    if _misshapen(scope, name, value=value, wanted=wanted):
        raise RejectedError
