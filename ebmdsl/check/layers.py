"""Layers as they are written: pipes, combinators, nets inside nets."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, cast, final

from ebmdsl.check.arguments import chosen, parts, signature, whole
from ebmdsl.check.mistakes import WrongArguments
from ebmdsl.check.net_mistakes import NotALayer
from ebmdsl.check.scope import Template
from ebmdsl.check.unrolling import unrolled
from ebmdsl.concepts.base import find
from ebmdsl.concepts.kinds import Function, Layer
from ebmdsl.concepts.pipes import Inner, Pipe
from ebmdsl.source.suggest import did_you_mean
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.check.scope import Scope
    from ebmdsl.source.text import Span

COMBINATORS = ("repeat", "residual", "stack")
COPYING = "stack"
BODY = "body"
MOST = 10_000


@final
@dataclass(slots=True)
class Reading:
    """A net while it is read: where each layer stands, and which nets it is made of.

    Inside a copy, the nets that it is made of are copied, too. `times` is how often what is
    read stands in the net.
    """

    scope: Scope
    net: str
    copying: bool = False
    times: int = 1
    held: dict[int, tuple[Layer, ast.Expr]] = field(default_factory=dict[int, Any])
    inner: dict[str, Template] = field(default_factory=dict[str, Any])
    total: list[int] = field(default_factory=lambda: [0])

    def at(self, layer: Layer, expr: ast.Expr) -> None:
        """Remember where a layer was written; a net has a bounded number of them."""
        self.held[id(layer)] = layer, expr
        self.total[0] += self.times
        if self.total[0] > MOST:
            reason = f"the net is made of more than {MOST:,} layers"
            raise self.scope.reject(WrongArguments(expr.span, reason, "stack or repeat fewer"))

    def span(self, layer: Layer) -> Span:
        """Return where a layer was written."""
        return self.held[id(layer)][1].span

    def option(self, layer: Layer, name: str) -> Span:
        """Return where an option of a layer was written, or where the layer was."""
        _, expr = self.held[id(layer)]
        written = parts(expr)[1]
        options = [each.name for each in fields(cast("Any", layer))]
        given = dict(zip(options, written.args, strict=False)) if written is not None else {}
        given |= {each.name.text: each.value for each in written.named} if written else {}
        return given[name].span if name in given else expr.span

    def replaced(self, layer: Layer, other: Layer) -> None:
        """Let a layer stand where another one was written."""
        self.held[id(other)] = other, self.held[id(layer)][1]

    def inside(self, *, times: int, copying: bool) -> Reading:
        """Return the reading of what a combinator is given."""
        return Reading(
            self.scope,
            self.net,
            self.copying or copying,
            self.times * max(times, 1),
            self.held,
            self.inner,
            self.total,
        )


def read(scope: Scope, template: Template) -> tuple[Pipe, Reading]:
    """Return the layers of a net, before any shape is known."""
    reading = Reading(scope, template.statement.name.text, copying=not template.learned)
    return _body(reading, template, at=template.statement.span), reading


def _body(reading: Reading, template: Template, *, at: Span) -> Pipe:
    statement = template.statement
    with reading.scope.inside(statement.name, at):
        return _piped(reading, statement.expr)


def _piped(reading: Reading, expr: ast.Expr, *, name: str = "") -> Pipe:
    pipe = Pipe(tuple(_layers(reading, expr)), name)
    reading.at(pipe, expr)
    return pipe


def _layers(reading: Reading, expr: ast.Expr) -> list[Layer]:
    if isinstance(expr, ast.Pipe):
        return [layer for part in expr.parts for layer in _layers(reading, part)]
    layer = _layer(reading, expr)
    reading.at(layer, expr)
    return [layer]


def _layer(reading: Reading, expr: ast.Expr) -> Layer:
    scope = reading.scope
    name, written = parts(expr)
    if name is None:
        raise scope.reject(_no_layer(expr))
    bound = _bound(scope, name)
    if isinstance(bound, Template):
        return _net(reading, bound, name=name, written=written)
    if isinstance(bound, ast.Func):
        raise scope.reject(NotALayer(name.span, name.text, "a function", _outside(name)))
    if name.text == "unroll":
        return unrolled(scope, written, at=expr, net=reading.net)
    if name.text in COMBINATORS:
        return _combined(reading, name, written=written)
    if find(Layer, name.text) is None and find(Function, name.text) is not None:
        raise scope.reject(NotALayer(name.span, name.text, "a function", _outside(name)))
    return chosen(scope, Layer, method=expr, what="layer")


def _bound(scope: Scope, name: ast.Name) -> object:
    """Return what a name stands for; a net that has the name of a layer does not see itself."""
    if name.text in scope.working and find(Layer, name.text) is not None:
        return None
    return scope.get(name.text)


def _no_layer(expr: ast.Expr) -> WrongArguments:
    if isinstance(expr, ast.Lambda):
        return WrongArguments(
            expr.span,
            "a layer is a word or a call, not a function",
            "give it a name: `net f = …`",
        )
    return WrongArguments(expr.span, "a layer is a word or a call", "as `linear(64) |> relu`")


def _outside(name: ast.Name) -> str:
    return f"apply it to the value of the net: `{name.text}(f(y))`"


def _net(
    reading: Reading, template: Template, *, name: ast.Name, written: ast.Call | None
) -> Layer:
    """Return a net inside a net: the same function, or a copy of it."""
    if written is not None:
        reason = f"`{name.text}` is a net and takes no options here"
        raise reading.scope.reject(
            WrongArguments(written.span, reason, f"write `{name.text}`; the pipe feeds it")
        )
    copied = reading.copying or not template.learned
    body = _body(reading.inside(times=1, copying=copied), template, at=name.span)
    if copied:
        return Pipe(body.layers, name.text)
    reading.inner[name.text] = template
    return Inner(name.text, body)


def _combined(reading: Reading, name: ast.Name, *, written: ast.Call | None) -> Layer:
    """Return `stack(n, f)`, `repeat(n, f)` or `residual(f)`."""
    concept: Any = find(Layer, name.text)
    given = _given(reading.scope, concept, name=name, written=written)
    counts = {each: whole(reading.scope, given[each]) for each in given if each != BODY}
    inside = reading.inside(times=max(counts.values(), default=1), copying=name.text == COPYING)
    made: Layer = concept(**counts, body=_piped(inside, given[BODY]))
    return made


def _given(
    scope: Scope, concept: type[Layer], *, name: ast.Name, written: ast.Call | None
) -> dict[str, ast.Expr]:
    known = [each.name for each in fields(cast("Any", concept))]
    args = written.args if written is not None else ()
    named = written.named if written is not None else ()
    found = dict(zip(known, args, strict=False))
    for each in named:
        if each.name.text not in known or each.name.text in found:
            raise scope.reject(_unexpected(concept, each.name, known=known))
        found[each.name.text] = each.value
    at = written.span if written is not None else name.span
    if len(args) > len(known):
        reason = f"`{name.text}` has no more options"
        raise scope.reject(WrongArguments(args[len(known)].span, reason, _shown(concept)))
    missing = [each for each in known if each not in found]
    if missing:
        what = "a layer to work on" if missing[-1] == BODY else f"`{missing[0]}`"
        raise scope.reject(WrongArguments(at, f"`{name.text}` needs {what}", _shown(concept)))
    return {each: _written(scope, value) for each, value in found.items()}


def _written(scope: Scope, value: ast.Value) -> ast.Expr:
    if isinstance(value, ast.Range):
        raise scope.reject(WrongArguments(value.span, "a range is no layer and no count"))
    return value


def _unexpected(concept: type[Layer], name: ast.Name, *, known: list[str]) -> WrongArguments:
    if name.text in known:
        return WrongArguments(name.span, f"`{name.text}` is given twice")
    reason = f"`{concept.word}` has no option `{name.text}`"
    return WrongArguments(
        name.span, reason, did_you_mean(name.text, known) or signature(concept)
    )


def _shown(concept: type[Layer]) -> str:
    usual = {"residual": "residual(linear(64) |> relu)"}
    return f"as `{usual.get(concept.word, f'{concept.word}(3, linear(64) |> relu)')}`"
