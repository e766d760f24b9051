"""`unreached-param`: a parameter that no loss reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.plan.lints.subject import subject_of
from ebmdsl.plan.lints.unused_declaration import UnusedDeclaration, unused_declaration
from ebmdsl.plan.live import live
from ebmdsl.plan.written import named_anywhere
from ebmdsl.source.diagnostic import Severity
from ebmdsl.source.mistake import Mistake, mistake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Model
    from ebmdsl.expr.node import Node
    from ebmdsl.plan.lints.subject import Subject


@final
@mistake("unreached-param")
class UnreachedParam(Mistake):
    """A parameter is declared to be learned, and no loss reaches it.

    ```ebm
    model fails
    observed y : real[4]
    param m : real[4]
    net head = linear(2)
    cost e = sq(y - m)
    train by energy
    report spread = mean(sq(head(y)))
    ```

    What is not part of the energy needs a loss of its own.

    ```ebm
    model works
    observed y : real[4]
    param m : real[4]
    net head = linear(2)
    cost e = sq(y - m)
    loss small = sq(head(y) - 1)
    train by energy
    report spread = mean(sq(head(y)))
    ```
    """

    severity: ClassVar[Severity] = "warning"

    name: str
    named: bool

    def message(self) -> str:
        """Say which parameter."""
        return f"`{self.name}` keeps its initial value"

    def text(self) -> str:
        """Say what is missing."""
        return "no loss reaches it" if self.named else "no `train` moves it"

    def help(self) -> str:
        """Give the one-line remedy."""
        if self.named:
            return f"use `{self.name}` in a term of the energy or in a `loss`"
        return f"name it in a `train`, as `train {self.name} by energy`"


def unreached_param(subject: Subject) -> Iterator[Mistake]:
    """Report the parameters that no player of any stage moves along a gradient.

    A player without any effect has a mistake of its own, and what it was to move is unclear.
    """
    if subject.model is not subject.whole:
        return
    models = [subject.whole, *(stage.model for stage in subject.whole.stages)]
    players = [reached for model in models for reached in _reached(model)]
    if not players or not all(players):
        return
    moved = frozenset[str]().union(*players)
    asked = [named_anywhere(model) for model in models]
    written = frozenset[str]().union(*(names for names, _ in asked))
    unused = {m.name for m in unused_declaration(subject) if isinstance(m, UnusedDeclaration)}
    spans = {each.name: each.span for each in subject.whole.with_role("param")}
    spans |= {net.name: net.span for net in subject.whole.nets}
    known = moved | written | unused
    for name in subject.whole.parameters:
        if name not in known:
            yield UnreachedParam(spans[name], name, any(rest for _, rest in asked))


def _reached(model: Model) -> list[frozenset[str]]:
    """Name what each player moves, as far as its loss reaches it."""
    taken = {name for train in model.trains for name in train.names}
    rest, energy = {*model.parameters} - taken, subject_of(model, model, whole=model).energy
    found: dict[Node, frozenset[str]] = {}
    for train in model.trains:
        if train.objective is not None and train.objective not in found:
            found[train.objective] = live(model, train.objective, energy=energy)
    return [
        found[train.objective] & ({*train.names} or rest)
        for train in model.trains
        if train.objective is not None
    ]
