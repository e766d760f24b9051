"""Distributions: the law of a random variable or of an encoder, and how unlikely a value is."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import TYPE_CHECKING, Any, cast, final

from ebmdsl._record import record
from ebmdsl.check.arguments import chosen, parts, signature, unfit
from ebmdsl.check.domains import declarations, domain_of
from ebmdsl.check.here import Here, value
from ebmdsl.check.method_mistakes import NotADistribution
from ebmdsl.check.mistakes import ShapeMismatch, WrongArguments
from ebmdsl.check.model import Init
from ebmdsl.check.value_mistakes import WrongDomain
from ebmdsl.concepts.abilities import Density
from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.domain import DISCRETE
from ebmdsl.concepts.kinds import Function, Law
from ebmdsl.concepts.shape import is_scalar, show
from ebmdsl.expr.build import ShapeError, const
from ebmdsl.expr.laws import Drawn, Likelihood, draw, fits, unlikely
from ebmdsl.expr.node import Node, Op
from ebmdsl.source.suggest import did_you_mean
from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write

if TYPE_CHECKING:
    from ebmdsl.concepts.shape import Shape


@final
@record
class Written:
    """A law as it was written: the word with a value for every option."""

    law: type[Law]
    density: type[Density]
    options: tuple[Node, ...]


def read(here: Here, expr: ast.Expr) -> Written:
    """Read a law whose options may be expressions: `normal(mu(y), 0.1)`."""
    name, call = parts(expr)
    local = name is not None and name.text in {**here.local.values, **here.local.functions}
    if name is None or local or here.scope.get(name.text) is not None:
        raise here.reject(NotADistribution(expr.span, write(expr)))
    law = find(Law, name.text)
    if law is None and find(Function, name.text) is None:
        raise here.scope.unknown(name, "law", known=words(Law))
    if law is None or not issubclass(law, Density):
        raise here.reject(NotADistribution(expr.span, write(expr)))
    return Written(law, law, _options(here.at("start"), law, call=call, at=expr))


def _options(
    here: Here, law: type[Law], *, call: ast.Call | None, at: ast.Expr
) -> tuple[Node, ...]:
    """Return a value for every option, in the order of the law."""
    known = {each.name: each for each in fields(cast("Any", law)) if each.init}
    given: dict[str, Node] = {}
    for name, written in _placed(here, law, known=tuple(known), call=call):
        given[name] = here.node(value(here, written))
    missing = [name for name in known if name not in given and _required(known[name])]
    if missing:
        reason = f"`{law.word}` needs `{missing[0]}`"
        raise here.reject(WrongArguments(at.span, reason, signature(law)))
    defaults: dict[str, Any] = {name: each.default for name, each in known.items()}
    return tuple(given.get(name) or const(defaults[name]) for name in known)


def _required(each: Field[Any]) -> bool:
    return each.default is MISSING


def _placed(
    here: Here, law: type[Law], *, known: tuple[str, ...], call: ast.Call | None
) -> list[tuple[str, ast.Value]]:
    """Pair the arguments of a law with its options."""
    if call is None:
        return []
    count = len(call.args)
    order = next((form for form in law.forms if len(form) == count), known)
    if count > len(order):
        reason = f"`{law.word}` has no more options"
        raise here.reject(WrongArguments(call.args[len(order)].span, reason, signature(law)))
    placed = list(zip(order, call.args, strict=False))
    for argument in call.named:
        name = argument.name.text
        if name not in known:
            hint = did_you_mean(name, known) or signature(law)
            reason = f"`{law.word}` has no option `{name}`"
            raise here.reject(WrongArguments(argument.name.span, reason, hint))
        if name in dict(placed):
            reason = f"`{name}` is given twice"
            raise here.reject(WrongArguments(argument.span, reason))
        placed.append((name, argument.value))
    return placed


def drawn(here: Here, expr: ast.Expr, *, owner: str) -> Node:
    """Return a draw from the law of `encoder q ~ law`."""
    written = read(here, expr)
    try:
        shape = fits((), written.options)
    except ShapeError as error:
        mistake = ShapeMismatch(expr.span, error.reason, "the options have one shape")
        raise here.reject(mistake) from None
    return draw(Drawn(written.law.word, owner, written.density), written.options, shape=shape)


def likelihood(here: Here, call: ast.Call) -> Node:
    """Return `nll(law, v)`: minus the log density of a value, one number per sample."""
    if call.named or len(call.args) != _LAW_AND_VALUE:
        reason = "`nll` takes a law and a value"
        raise here.reject(WrongArguments(call.span, reason, "as `nll(normal(0, 1), v)`"))
    law, at = (value(here, arg) for arg in call.args)
    written, node = read(here, law), here.node(at)
    wanted, domain = written.density.domain, domain_of(node).name
    if wanted != domain and (wanted in DISCRETE or domain == "token"):
        reason = f"`{write(at)}` is {domain}, and `{written.law.word}` draws {wanted} values"
        labels = declarations(here.scope, at)
        raise here.reject(WrongDomain(call.span, reason, _FITTING, labels))
    for option in written.options:
        _fitted(here, option, shape=node.shape, at=call)
    return unlikely(
        Likelihood(written.law.word, written.density), node, options=written.options
    )


_LAW_AND_VALUE = 2
_FITTING = "use a law for this kind of value, or declare it as what the law draws"


def _fitted(here: Here, option: Node, *, shape: Shape, at: ast.Expr) -> None:
    if option.shape == shape or is_scalar(option.shape):
        return
    reason = f"an option of shape {show(option.shape)} does not fit a value {show(shape)}"
    raise here.reject(ShapeMismatch(at.span, reason))


def law(here: Here, expr: ast.Expr, *, domain: str, shape: Shape) -> Init:
    """Read the law of `random x : T ~ law`: a law of numbers, or one of expressions."""
    plain = _plain(here, expr)
    if plain is not None:
        _agreed(here, plain, domain=domain, at=expr)
        return Init(plain.word, (_suited(here, plain, shape=shape, at=expr),))
    written = read(here, expr)
    _agreed(here, written.law, domain=domain, at=expr)
    for option in written.options:
        _fitted(here, option, shape=shape, at=expr)
    if any(each.op is not Op.CONST or each.shape for each in written.options):
        return Init(written.law.word, written.options)
    made: Any = cast("Any", written.law)(*(each.data for each in written.options))
    return Init(written.law.word, (_suited(here, made, shape=shape, at=expr),))


def _plain(here: Here, expr: ast.Expr) -> Law | None:
    """Return a law without a density, which draws masks and the like; its options are plain."""
    name, _ = parts(expr)
    found = find(Law, name.text) if name is not None else None
    own = name is not None and here.scope.get(name.text) is not None
    if found is None or own or issubclass(found, Density):
        return None
    return chosen(here.scope, Law, method=expr, what="law")


def _agreed(here: Here, law: Law | type[Law], *, domain: str, at: ast.Expr) -> None:
    if domain in DISCRETE and domain != law.domain:
        reason = f"`{law.word}` draws {law.domain} values, and this variable is {domain}"
        raise here.reject(WrongDomain(at.span, reason, _FITTING))


def _suited(here: Here, law: Law, *, shape: Shape, at: ast.Expr) -> Law:
    misfit = law.misfit(shape)
    if misfit is None:
        return law
    raise here.reject(unfit(law, misfit, written=at))
