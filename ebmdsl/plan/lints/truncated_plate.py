"""`truncated-plate`: a range that was left out, and leaves out what is observed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.expr.node import Op
from ebmdsl.expr.prove import prove
from ebmdsl.plan.written import statements
from ebmdsl.source.diagnostic import Label, Severity
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Declared, Term
    from ebmdsl.plan.lints.subject import Subject


@final
@mistake("truncated-plate")
class TruncatedPlate(Mistake):
    """A range that is left out ends early, so part of a sequence is in no term.

    It is the largest where all names exist, and one of them is too short.

    ```ebm
    model fails
    observed y[t in 1..10] : real[2]
    latent s[t in 1..8] : real[1]
    param C : real[2, 1]
    cost see[t] = sq(y[t] - C @ s[t])
    infer s by minimize
    train by energy
    ```

    Declare them over the same range, or write the range that is meant.

    ```ebm
    model works
    observed y[t in 1..10] : real[2]
    latent s[t in 1..10] : real[1]
    param C : real[2, 1]
    cost see[t] = sq(y[t] - C @ s[t])
    infer s by minimize
    train by energy
    ```
    """

    severity: ClassVar[Severity] = "warning"

    index: str
    range: str
    observed: str
    places: str
    declared: Span

    def message(self) -> str:
        """Say what is left out."""
        left = f"`{self.observed}[{self.places}]` is in no term"
        return f"index `{self.index}` runs over {self.range} only: {left}"

    def labels(self) -> tuple[Label, ...]:
        """Show the longer sequence."""
        return (Label(self.declared, "this goes further"),)

    def help(self) -> str:
        """Give the one-line remedy."""
        return "declare both over the same range, or write the range that is meant"


def truncated_plate(subject: Subject) -> Iterator[Mistake]:
    """Report observed places that no term sees because a range was left out."""
    plated = [each for each in subject.model.with_role("observed") if len(each.plates) == 1]
    for y in plated:
        terms = [each for each in subject.model.terms if y.name in each.node.names]
        missed = _all(y) - {place for term in terms for place in _seen(term, y)}
        found = (b for term in terms if (b := _open_binder(subject, term)) is not None)
        binder = next(found, None)
        if missed and binder is not None:
            yield _mistake(binder[0], binder[1], y=y, missed=missed)


def _mistake(
    binder: ast.Binder, term: Term, *, y: Declared, missed: set[int]
) -> TruncatedPlate:
    plate = term.plates[0]
    low, high = min(missed), max(missed)
    places = str(low) if low == high else f"{low}..{high}"
    over = f"{plate.low}..{plate.low + plate.size - 1}"
    return TruncatedPlate(binder.span, plate.index, over, y.name, places, y.span)


def _all(y: Declared) -> set[int]:
    (plate,) = y.plates
    return {*range(plate.low, plate.low + plate.size)}


def _seen(term: Term, y: Declared) -> set[int]:
    """List the places of a sequence that a term reads."""
    if len(term.plates) != 1 or term.node.op is not Op.SUM_PLATE:
        return _all(y)
    (plate,) = term.plates
    seen: set[int] = set()
    for lag in prove(term.node.args[0], frozenset({y.name})).lags:
        if lag.offset is None:
            return _all(y)
        at = range(plate.low + lag.offset, plate.low + plate.size + lag.offset)
        seen |= {lag.offset} if lag.fixed else {*at}
    return seen or _all(y)


def _open_binder(subject: Subject, term: Term) -> tuple[ast.Binder, Term] | None:
    """Return the index of a term whose range was left out, and is not short for a lag."""
    inner = term.node.args[0] if term.node.op is Op.SUM_PLATE else term.node
    if any(lag.offset != 0 for lag in prove(inner, inner.names).lags):
        return None
    found = (each for each in statements(subject.written.file) if isinstance(each, ast.Term))
    written = next((each for each in found if each.name.span == term.span), None)
    if written is None or len(written.plate) != 1 or written.plate[0].range is not None:
        return None
    return written.plate[0], term
