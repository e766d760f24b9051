"""`missing-stop`: an encoder that follows a target which it can drag along."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.expr.build import addends
from ebmdsl.expr.node import Node, is_free_energy
from ebmdsl.plan.lints.constant import vanishes
from ebmdsl.plan.lints.reach import distance
from ebmdsl.plan.lints.subject import core, free
from ebmdsl.plan.live import live
from ebmdsl.source.diagnostic import Severity
from ebmdsl.source.mistake import Mistake, mistake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Term
    from ebmdsl.plan.lints.subject import Subject


@final
@mistake("missing-stop")
class MissingStop(Mistake):
    """Two codes are drawn to each other, and both may move: they can agree on a constant.

    ```ebm
    model fails
    observed y : real[8]
    given x : real[8]
    param m : real[8]
    net target = linear(4)
    net student = linear(4)
    cost recon = sq(y - m)
    loss agree = sq(target(y) - student(x))
    train by energy
    ```

    Hold the target.

    ```ebm
    model works
    observed y : real[8]
    given x : real[8]
    param m : real[8]
    net target = linear(4)
    net student = linear(4)
    cost recon = sq(y - target(y) @ head - m)
    param head : real[4, 8]
    loss agree = sq(stop(target(y)) - student(x))
    train by energy
    ```
    """

    severity: ClassVar[Severity] = "warning"

    name: str
    names: tuple[str, ...]

    def message(self) -> str:
        """Say what can happen."""
        listed = " and ".join(f"`{name}`" for name in self.names)
        return f"`{self.name}` is zero where {listed} are constant: nothing holds its target"

    def text(self) -> str:
        """Say what is missing."""
        return "both sides move"

    def help(self) -> str:
        """Give the one-line remedy."""
        return "hold the target: `stop(…)` around it"


def missing_stop(subject: Subject) -> Iterator[Mistake]:
    """Report distances of two learned codes that no other term holds apart."""
    loose = free(subject, shrinking=True)
    for term in subject.model.terms:
        names = () if term.in_energy else _sides(subject, term)
        if len(names) < _SIDES or not {*names} <= loose:
            continue
        if vanishes(term.node, loose) and _alone(subject, term, names=names):
            yield MissingStop(term.span, term.name, names)


_SIDES = 2


def _sides(subject: Subject, term: Term) -> tuple[str, ...]:
    """Name the learned parts of a difference of two codes that both move."""
    inside = distance(term.node)
    parts = addends(inside) if inside is not None else ()
    moving = [live(subject.model, part, energy=subject.energy) for part in parts]
    if len(parts) != _SIDES or not all(moving):
        return ()
    return tuple(sorted(moving[0] | moving[1]))


def _alone(subject: Subject, term: Term, *, names: tuple[str, ...]) -> bool:
    """Tell whether every player lowers these parameters by this term only."""
    losses = (t.objective for t in subject.model.trains if t.objective is not None)
    parts = (part for loss in losses for part in addends(loss) if not _is(part, term))
    return not any(_reached(subject, part) & {*names} for part in parts)


def _is(part: Node, term: Term) -> bool:
    return core(part) is core(term.node)


def _reached(subject: Subject, part: Node) -> frozenset[str]:
    base = core(part)
    whole = subject.energy if is_free_energy(base) else base
    return live(subject.model, whole, energy=subject.energy)
