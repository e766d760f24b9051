"""Contrastive points: where the energy is pushed up, and where these points come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from ebmdsl._record import record
from ebmdsl.check.arguments import literal, number, options, parts
from ebmdsl.check.domains import declarations, domain_of
from ebmdsl.check.elsewhere import observed_names
from ebmdsl.check.here import Here, value
from ebmdsl.check.laws import read
from ebmdsl.check.mistakes import ShapeMismatch, UnknownName, WrongArguments
from ebmdsl.check.model import Declared, Drawn, Memory
from ebmdsl.check.plates import bound_plates, opened
from ebmdsl.check.reductions import batch_size
from ebmdsl.check.roles import role_of
from ebmdsl.check.scope import RejectedError
from ebmdsl.check.statement_mistakes import WrongRole
from ebmdsl.check.value_mistakes import EmptyPlate, WrongDomain
from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.domain import Domain
from ebmdsl.concepts.kinds import Law, Sampler
from ebmdsl.expr.node import Node, Plate, Quantity
from ebmdsl.expr.stacks import stacked
from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write

if TYPE_CHECKING:
    from collections.abc import Callable

OTHERS = ("batch", "others", "queue", "bank", "flip", "mine", "importance")
MINED = ("hard", "semihard", "easy")


@final
@record
class Source:
    """Where points come from, how many an index without a range counts, and what they are."""

    drawn: Drawn
    like: Node
    count: int = 0
    first: int = 1
    domain: Domain | None = None


@final
@record
class Asked:
    """What a statement asks for: the points that it declares, and a call that gives them."""

    statement: ast.Negative
    call: ast.Call


def negative(here: Here, statement: ast.Negative) -> Declared:
    """Type a contrastive point: it has the shape of what it stands for."""
    source = _source(here, statement)
    own = _own(here, statement, source=source)
    inner, plates = opened(source.like)
    name = statement.name
    domain = source.domain or domain_of(source.like)
    plates = tuple(plate for plate in plates if plate.index not in {p.index for p in own})
    quantity = Quantity(name.text, "negative", domain)
    every = (*own, *plates)
    return Declared(quantity, inner.shape, plates=every, drawn=source.drawn, span=name.span)


def _own(here: Here, statement: ast.Negative, *, source: Source) -> tuple[Plate, ...]:
    """Return the plates of the statement; an index without a range counts all there are."""
    found: list[Plate] = []
    for binder in statement.plate:
        if binder.range is None and source.count > 0 and not found:
            found.append(Plate(binder.name.text, source.first, source.count))
            continue
        if binder.range is None:
            reason = (
                f"index `{binder.name.text}` has no range, so say how many points there are"
            )
            raise here.reject(EmptyPlate(binder.span, binder.name.text, 0, -1, reason))
        found += bound_plates(here.scope, (binder,), expr=None, local=here.local)
    return tuple(found)


def _source(here: Here, statement: ast.Negative) -> Source:
    name, call = parts(statement.expr)
    bound = here.scope.get(name.text) if name is not None else None
    if name is None or bound is not None:
        node = here.node(statement.expr)
        return Source(Drawn("", node), node)
    special = _WORDS.get(name.text)
    if special is not None:
        return special(here, Asked(statement, call or ast.Call(name, span=name.span)))
    sampler = find(Sampler, name.text)
    if sampler is not None:
        asked = Asked(statement, call or ast.Call(name, span=name.span))
        return _chain(here, asked, kind=sampler)
    if find(Law, name.text) is not None:
        return _law(here, statement.expr)
    known = (*OTHERS, *words(Sampler), *words(Law))
    raise here.scope.unknown(name, "source of contrastive points", known=known)


def _chain(here: Here, asked: Asked, *, kind: type[Sampler]) -> Source:
    """Read a sampler: where its chains start, and its options."""
    statement, call, word = asked.statement, asked.call, kind.word
    named = {each.name.text: each.value for each in call.named}
    start = named.get("start")
    rest = tuple(each for each in call.named if each.name.text != "start")
    if start is None:
        reason = f"`{word}` needs `start = …`, where its chains start"
        raise here.reject(WrongArguments(call.span, reason, f"as `{word}(start = y)`"))
    at = value(here, start)
    node, rows = here.node(at), _rows(here, at) if statement.plate else 0
    moved = ast.Call(call.function, call.args, rest, span=call.span)
    made = options(here.scope, kind, written=moved, at=moved)
    _suited(here, node, kind=kind, at=call)
    return Source(Drawn(word, node, made), _row(node) if rows else node, count=rows)


def _suited(here: Here, node: Node, *, kind: type[Sampler], at: ast.Call) -> None:
    """Report a sampler that moves through a continuum, or among few values, where none is."""
    domain = domain_of(node)
    if kind.discrete == domain.discrete:
        return
    moves = "among few values" if kind.discrete else "through a continuum"
    reason = f"`{kind.word}` moves {moves}, and what its chains start from is {domain.name}"
    remedy = "use `langevin`, `mala`, `hmc` or `metropolis`" if kind.discrete else "use `gibbs`"
    raise here.reject(WrongDomain(at.span, reason, remedy, declarations(here.scope, at)))


def _rows(here: Here, at: ast.Expr) -> int:
    """Count the values that a state remembers; an index of the points counts them."""
    bound = here.scope.get(at.text) if isinstance(at, ast.Name) else None
    memory = bound.memory if isinstance(bound, Declared) else None
    return _count_of(memory) if memory is not None else 0


def _law(here: Here, expr: ast.Expr) -> Source:
    """Read draws of a law in the place of the observed variable."""
    written, like = read(here, expr), _only_observed(here, expr)
    pairs = tuple((f"option {i}", each) for i, each in enumerate(written.options))
    domain = domain_of(like)
    drawn = Drawn(written.law.word, options=pairs)
    if domain.discrete and written.density.domain != domain.name:
        drawn_ = written.density.domain
        reason = (
            f"`{written.law.word}` draws {drawn_} values, and points are {domain.name} here"
        )
        raise here.reject(WrongDomain(expr.span, reason))
    return Source(drawn, like, domain=domain)


def _only_observed(here: Here, at: ast.Expr) -> Node:
    observed = observed_names(here.scope)
    if len(observed) == 1:
        return here.node(observed[0])
    if not observed and here.scope.lost is not None:
        raise RejectedError
    reason = f"`{write(at)}` stands for the observed variable, and there are {len(observed)}"
    raise here.reject(WrongArguments(at.span, reason, "say which, as `others(y)`"))


def _one(here: Here, call: ast.Call, *, extra: tuple[str, ...] = ()) -> ast.Expr | None:
    """Return the argument of `others(u)`; nothing else but `extra` options may be given."""
    for each in call.named:
        if each.name.text not in extra:
            reason = f"`{write(call.function)}` has no option `{each.name.text}`"
            raise here.reject(WrongArguments(each.name.span, reason))
    if len(call.args) > 1:
        reason = f"`{write(call.function)}` takes one value"
        raise here.reject(WrongArguments(call.args[1].span, reason))
    return value(here, call.args[0]) if call.args else None


def _batch(here: Here, asked: Asked) -> Source:
    call = asked.call
    given = _one(here, call)
    node = _only_observed(here, call) if given is None else here.node(given)
    return Source(Drawn("batch", node), node, count=batch_size(here.scope) - 1)


def _others(here: Here, asked: Asked) -> Source:
    """Read `others(m)`: other entries of a state, or the values of other samples."""
    call = asked.call
    given = _one(here, call)
    if given is None:
        reason = "`others` takes what other samples have"
        raise here.reject(WrongArguments(call.span, reason, "as `others(y)`"))
    node = here.node(given)
    bound = here.scope.get(given.text) if isinstance(given, ast.Name) else None
    memory = bound.memory if isinstance(bound, Declared) else None
    if not node.per_sample and memory is None:
        reason = f"`{write(given)}` is the same for all samples, so others have no other"
        if isinstance(bound, Declared):
            raise here.reject(WrongRole(given.span, reason, bound.span, role_of(bound)))
        raise here.reject(WrongArguments(given.span, reason))
    if memory is None or memory.word == "bank":
        return Source(Drawn("others", node), node, count=batch_size(here.scope) - 1)
    return Source(Drawn("others", node), _row(node), count=_count_of(memory))


def _count_of(memory: Memory) -> int:
    return int(dict(memory.options).get("count", 0))


def _row(node: Node) -> Node:
    """Return one of the values that a state remembers."""
    inner, plates = opened(node)
    return stacked(inner, plates[1:])


def _remembered(here: Here, asked: Asked) -> Source:
    """Read `queue(u, n)` or `bank(u)`: what a state of its own remembers."""
    call = asked.call
    word, given = write(call.function), [value(here, arg) for arg in call.args]
    most = 2 if word == "queue" else 1
    if not given or len(given) != most or call.named:
        takes = "a value and how many of them" if most > 1 else "a value"
        raise here.reject(WrongArguments(call.span, f"`{word}` takes {takes}"))
    node = here.node(given[0])
    count = int(number(here.scope, given[1])) if most > 1 else 0
    return Source(Drawn(word, node, options=(("count", count),)), node, count=count)


def _flip(here: Here, asked: Asked) -> Source:
    """Read `flip(y, i)`: neighbors of a sample, one entry turned over in each."""
    statement, call = asked.statement, asked.call
    own = tuple(binder.name.text for binder in statement.plate)
    given = [value(here, arg) for arg in call.args]
    indices = [arg for arg in given[1:] if isinstance(arg, ast.Name) and arg.text in own]
    if not given or not indices:
        reason = "`flip` takes a variable and the index of the entry that is turned over"
        remedy = "as `negative yf[i] from flip(y, i)`"
        raise here.reject(WrongArguments(call.span, reason, remedy))
    node = here.node(given[0])
    domain = domain_of(node).name
    if domain not in ("binary", "spin", "onehot", "token"):
        reason = f"`{write(given[0])}` is {domain}, and has no entries to turn over"
        remedy = "declare it binary, spin, onehot or token"
        labels = declarations(here.scope, given[0])
        raise here.reject(WrongDomain(call.span, reason, remedy, labels))
    found: list[tuple[str, Any]] = [("indices", tuple(each.text for each in indices))]
    found += _ends(here, given[1 + len(indices) :], call=call)
    first, count = _entries(node)
    _places(here, statement, first=first, last=first + count - 1)
    return Source(Drawn("flip", node, options=tuple(found)), node, count=count, first=first)


def _ends(here: Here, given: list[ast.Expr], *, call: ast.Call) -> list[tuple[str, Any]]:
    """Read the two values of an entry, and which neighbors are none (`unless = data`)."""
    found: list[tuple[str, Any]] = []
    for name, written in zip(("low", "high"), given, strict=False):
        found.append((name, number(here.scope, written)))
    for each in call.named:
        if each.name.text in ("low", "high"):
            found.append((each.name.text, literal(here.scope, each.value)))
        elif each.name.text == "unless":
            found.append(("unless", here.node(value(here, each.value))))
        else:
            reason = f"`flip` has no option `{each.name.text}`"
            raise here.reject(WrongArguments(each.name.span, reason, "the option is `unless`"))
    return found


def _entries(node: Node) -> tuple[int, int]:
    """Return the first number of an entry, and how many entries there are."""
    inner, plates = opened(node)
    count = 1
    for size in node.shape if domain_of(node).name != "onehot" else node.shape[:-1]:
        count *= size
    return (plates[0].low if len(plates) == 1 and not inner.shape else 0), count


def _places(here: Here, statement: ast.Negative, *, first: int, last: int) -> None:
    """Report an index that runs beyond the entries."""
    binder = statement.plate[0] if statement.plate else None
    if binder is None or binder.range is None:
        return
    low, high = (int(number(here.scope, e)) for e in (binder.range.low, binder.range.high))
    if low < first or high > last:
        reason = f"entry {low if low < first else high} is outside of {first}..{last}"
        raise here.reject(ShapeMismatch(binder.span, reason, "leave the range out"))


def _mine(here: Here, asked: Asked) -> Source:
    """Read `mine(y, by = distance, kind = semihard)`: the most telling of other samples."""
    call = asked.call
    given = _one(here, call, extra=("by", "kind"))
    node = _only_observed(here, call) if given is None else here.node(given)
    found: list[tuple[str, Any]] = []
    for each in call.named:
        written = value(here, each.value)
        if each.name.text == "by":
            found.append(("by", here.node(written)))
            continue
        if write(written) not in MINED:
            raise here.reject(UnknownName(written.span, write(written), MINED, "way to mine"))
        found.append(("kind", write(written)))
    return Source(Drawn("mine", node, options=tuple(found)), node)


def _importance(here: Here, asked: Asked) -> Source:
    """Read `importance(q)`: draws of a law, weighted by exp(-F) / q."""
    call = asked.call
    law = _one(here, call)
    if law is None:
        reason = "`importance` takes the law that it draws from"
        raise here.reject(WrongArguments(call.span, reason, "as `importance(normal(0, 1))`"))
    source = _law(here, law)
    pairs = (("law", source.drawn.word), *source.drawn.options)
    return Source(Drawn("importance", options=pairs), source.like, domain=source.domain)


_WORDS: dict[str, Callable[[Here, Asked], Source]] = {
    "batch": _batch,
    "others": _others,
    "queue": _remembered,
    "bank": _remembered,
    "flip": _flip,
    "mine": _mine,
    "importance": _importance,
}
