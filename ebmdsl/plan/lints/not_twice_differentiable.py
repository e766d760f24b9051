"""`not-twice-differentiable`: a second derivative of what has kinks."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.facts import Smoothness
from ebmdsl.expand.mistakes import UnsuitableStrategy
from ebmdsl.expr.node import Node, Op, is_free_energy, walk
from ebmdsl.expr.prove import prove
from ebmdsl.plan.lints.subject import declaration
from ebmdsl.plan.written import method_of
from ebmdsl.source.diagnostic import Label
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Net
    from ebmdsl.plan.lints.subject import Subject


@final
@mistake("not-twice-differentiable")
class NotTwiceDifferentiable(Mistake):
    """A second derivative is taken of something that has none everywhere.

    The Laplacian of an energy with kinks is zero almost everywhere: it says nothing about how
    the energy bends.

    ```ebm
    model fails
    observed y : real[2]
    net f = linear(8) |> relu |> linear(1)
    cost height = f(y)
    train by minimize(sq(grad(F, y)) / 2 - laplacian(F, y))
    ```

    Use functions that are smooth.

    ```ebm
    model works
    observed y : real[2]
    net f = linear(8) |> silu |> linear(1)
    cost height = f(y)
    train by minimize(sq(grad(F, y)) / 2 - laplacian(F, y))
    ```
    """

    derivative: str
    culprit: str
    place: Span | None = None

    def message(self) -> str:
        """Say what is not smooth."""
        return f"`{self.derivative}` needs second derivatives, and {self.culprit} has a kink"

    def labels(self) -> tuple[Label, ...]:
        """Show the kink."""
        return () if self.place is None else (Label(self.place, "this is not smooth"),)

    def help(self) -> str:
        """Give the one-line remedy."""
        return REMEDY


REMEDY = "use smooth functions instead, such as `silu`, `softplus` or `tanh`"
SECOND = frozenset({"laplacian"})


def not_twice_differentiable(subject: Subject) -> Iterator[Mistake]:
    """Report second derivatives of what is not twice differentiable."""
    yield from _of_strategies(subject)
    for train in subject.written.trains:
        for node in walk(train.objective) if train.objective is not None else ():
            yield from _of_derivative(subject, node)
    for term in subject.written.terms:
        for node in walk(term.node):
            yield from _of_derivative(subject, node)


def _of_strategies(subject: Subject) -> Iterator[Mistake]:
    """Report score matching of an energy with kinks, but in its denoising form."""
    (y,) = subject.observed if len(subject.observed) == 1 else ("",)
    for train in subject.written.trains:
        strategy = train.strategy
        if strategy is None or strategy.word != "score_matching":
            continue
        form = str(getattr(strategy, "form", "exact"))
        found = None if form.startswith("denoising") else _kink(subject, subject.energy, y)
        if found is not None:
            reason = f"it needs second derivatives, and {found[0]} has a kink"
            at = method_of(subject.written, train)
            yield UnsuitableStrategy(at, strategy.word, reason, REMEDY, found[1])


def _of_derivative(subject: Subject, node: Node) -> Iterator[Mistake]:
    """Report a Laplacian, or a derivative of a derivative, in the same variable."""
    if node.op is not Op.GRADIENT or not _is_second(node):
        return
    span = subject.written.origin(node)
    for inside in _derived(node):
        value = subject.energy if is_free_energy(inside) else inside
        found = _kink(subject, value, *sorted(node.data.names))
        if found is not None and span is not None:
            yield NotTwiceDifferentiable(span, span.text, *found)
            return


def _is_second(node: Node) -> bool:
    return node.data.word in SECOND or bool(_inner(node))


def _inner(node: Node) -> list[Node]:
    """List the derivatives in the same variable that a derivative is taken of."""
    below = (each for each in walk(node.args[0]) if each.op is Op.GRADIENT)
    return [each for each in below if each.data.names & node.data.names]


def _derived(node: Node) -> list[Node]:
    """List what a derivative is taken of twice."""
    inner = _inner(node)
    return [each.args[0] for each in inner] if inner else [node.args[0]]


def _kink(subject: Subject, value: Node, *names: str) -> tuple[str, Span | None] | None:
    """Name the first part of a value that is not twice differentiable, and its place."""
    at = frozenset(names)
    bent = (node for node in walk(value) if _bends_first(node, at))
    return next(filter(None, (_culprit(subject, node) for node in bent)), None)


def _bends_first(node: Node, at: frozenset[str]) -> bool:
    """Tell whether a node has a kink that none of its arguments has."""
    rough = prove(node, at).smoothness < Smoothness.C2
    return rough and all(prove(a, at).smoothness >= Smoothness.C2 for a in node.args)


def _culprit(subject: Subject, node: Node) -> tuple[str, Span | None] | None:
    """Return a function or a layer with a kink; other things may be smooth all the same."""
    if node.op is Op.APPLY:
        net: Net = node.data
        place = _layer(subject, net.name, seen=frozenset())
        return None if place is None else (f"`{place.text}` in `{net.name}`", place)
    if node.op is Op.CALL and node.data.facts[0].smoothness < Smoothness.C2:
        return f"`{node.data.word}`", subject.place(node)
    return None


KINKS = frozenset({"relu", "lrelu", "clamp", "maxpool", "max_pool"})


def _layer(subject: Subject, name: str, *, seen: frozenset[str]) -> Span | None:
    """Return where a layer with a kink was written, in a net or in one that it is made of."""
    statement = declaration(subject.written, name)
    if not isinstance(statement, ast.Net) or name in seen:
        return None
    for piece in ast.walk(statement.expr):
        if isinstance(piece, ast.Name) and piece.text in KINKS:
            return piece.span
        inner = piece.text if isinstance(piece, ast.Name) else ""
        found = _layer(subject, inner, seen=seen | {name}) if inner else None
        if found is not None:
            return found
    return None
