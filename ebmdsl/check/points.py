"""States: what is remembered between steps and never learned by gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ebmdsl.check.arguments import number, parts, whole
from ebmdsl.check.domains import domain_of
from ebmdsl.check.here import Here, value
from ebmdsl.check.mistakes import UnknownName, WrongArguments
from ebmdsl.check.model import Data, Declared, Memory
from ebmdsl.check.negatives import negative as read_negative
from ebmdsl.check.plates import opened
from ebmdsl.check.roles import role_of
from ebmdsl.check.scope import Bound, Local, Scope, Template
from ebmdsl.check.statement_mistakes import WrongRole
from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Function
from ebmdsl.expr.node import Node, Plate, Quantity
from ebmdsl.source.suggest import did_you_mean
from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write

if TYPE_CHECKING:
    from ebmdsl.check.here import Elaborate

# What each kind of state takes: the names of its arguments, in their order.
STATES = {
    "particles": ("count", "like"),
    "queue": ("of", "count"),
    "bank": ("of", "momentum", "then"),
    "ema": ("of", "rate"),
}
_NEEDED = {
    "particles": {"count": "how many there are", "like": "what they are like, as `like = y`"},
    "queue": {"of": "what is remembered", "count": "how many are remembered"},
    "bank": {"of": "what is remembered"},
    "ema": {"of": "what is averaged", "rate": "how much is kept, as `ema(f, 0.99)`"},
}


def negative(scope: Scope, statement: ast.Negative, *, elaborate: Elaborate) -> Declared:
    """Type a contrastive point."""
    return read_negative(Here(scope, Local(), elaborate), statement)


def state(scope: Scope, statement: ast.State, *, elaborate: Elaborate) -> Bound:
    """Type what is remembered between steps: particles, a queue, a bank, a moving average."""
    here = Here(scope, Local(), elaborate)
    name, written = parts(statement.expr)
    if name is None or name.text not in STATES or written is None:
        at = name or statement.expr
        raise scope.reject(UnknownName(at.span, write(at), tuple(STATES), "kind of state"))
    given = _given(here, written, word=name.text)
    match name.text:
        case "particles":
            return _particles(here, statement, given=given)
        case "queue":
            return _queue(here, statement, given=given)
        case "bank":
            return _bank(here, statement, given=given)
        case _:
            return _average(here, statement, given=given)


def _given(here: Here, call: ast.Call, *, word: str) -> dict[str, ast.Expr]:
    """Pair the arguments of a state with their names."""
    known = STATES[word]
    if len(call.args) > len(known):
        reason = f"`{word}` takes no more than {len(known)} arguments"
        raise here.reject(WrongArguments(call.args[len(known)].span, reason, _takes(word)))
    given = {name: value(here, arg) for name, arg in zip(known, call.args, strict=False)}
    for each in call.named:
        name = each.name.text
        if name not in known:
            hint = did_you_mean(name, known) or _takes(word)
            reason = f"`{word}` has no option `{name}`"
            raise here.reject(WrongArguments(each.name.span, reason, hint))
        if name in given:
            raise here.reject(WrongArguments(each.span, f"`{name}` is given twice"))
        given[name] = value(here, each.value)
    for name, what in _NEEDED[word].items():
        if name not in given:
            raise here.reject(WrongArguments(call.span, f"`{word}` needs {what}", _takes(word)))
    return given


def _takes(word: str) -> str:
    return f"`{word}` takes {', '.join(f'`{name}`' for name in STATES[word])}"


def _count(here: Here, expr: ast.Expr) -> int:
    count = whole(here.scope, expr)
    if count < 1:
        raise here.reject(WrongArguments(expr.span, f"at least 1 is remembered, not {count}"))
    return count


def _particles(here: Here, statement: ast.State, *, given: dict[str, ast.Expr]) -> Declared:
    like, count = here.node(given["like"]), _count(here, given["count"])
    memory = Memory("particles", like, (("count", count),))
    return _declared(statement, like, rows=count, memory=memory)


def _queue(here: Here, statement: ast.State, *, given: dict[str, ast.Expr]) -> Declared:
    node, count = here.node(given["of"]), _count(here, given["count"])
    memory = Memory("queue", node, (("count", count),))
    return _declared(statement, node, rows=count, memory=memory)


def _declared(statement: ast.State, node: Node, *, rows: int = 0, memory: Memory) -> Declared:
    """Return a state: `rows` values like a node, or one of them for every sample."""
    inner, plates = opened(node)
    name = statement.name
    quantity = Quantity(name.text, "state", domain_of(node), keyed=memory.word == "bank")
    own = (Plate(name.text, 1, rows),) if rows else ()
    whole_plates = (*own, *plates)
    return Declared(quantity, inner.shape, plates=whole_plates, memory=memory, span=name.span)


def _bank(here: Here, statement: ast.State, *, given: dict[str, ast.Expr]) -> Declared:
    node = here.node(given["of"])
    options: list[tuple[str, Any]] = []
    if "momentum" in given:
        options.append(("momentum", _share(here, given["momentum"], what="momentum")))
    if "then" in given:
        options.append(("then", _then(here, given["then"])))
    return _declared(statement, node, memory=Memory("bank", node, tuple(options)))


def _share(here: Here, expr: ast.Expr, *, what: str) -> float:
    share = float(number(here.scope, expr))
    if not 0 <= share <= 1:
        reason = f"the {what} is a share from 0 to 1, not {share:g}"
        raise here.reject(WrongArguments(expr.span, reason))
    return share


def _then(here: Here, expr: ast.Expr) -> str:
    """Return the function that an entry goes through when it is written."""
    if not isinstance(expr, ast.Name):
        reason = "`then` names a function of one value, as `then = unit`"
        raise here.reject(WrongArguments(expr.span, reason))
    bound = here.scope.get(expr.text)
    known = isinstance(bound, ast.Func | Template)
    if known or (bound is None and find(Function, expr.text) is not None):
        return expr.text
    raise here.scope.unknown(expr, "function", known=words(Function))


def _average(here: Here, statement: ast.State, *, given: dict[str, ast.Expr]) -> Bound:
    """Return the moving average of a value, or a net whose weights follow another one's."""
    of, rate = given["of"], _share(here, given["rate"], what="rate")
    net = here.scope.get(of.text) if isinstance(of, ast.Name) else None
    if isinstance(net, Declared | Data) and isinstance(of, ast.Name):
        reason = f"`ema` follows the weights of a net, or a node, and `{of.text}` is neither"
        raise here.reject(WrongRole(of.span, reason, net.span, role_of(net)))
    if isinstance(net, Template):
        copy = ast.Net(statement.name, net.statement.expr, span=statement.span)
        options = (("net", net.statement.name.text), ("rate", rate))
        return Template(copy, learned=False, memory=Memory("ema", None, options))
    node = here.node(of)
    return _declared(statement, node, memory=Memory("ema", node, (("rate", rate),)))
