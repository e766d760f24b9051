"""Plan log Z: the observed variables disappear too, in the cheapest way that is exact."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.check.model import Infer
from ebmdsl.concepts.base import default
from ebmdsl.concepts.marginals import Marginalizer
from ebmdsl.plan.nesting import nest
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.text import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Model
    from ebmdsl.expr.node import Node
    from ebmdsl.plan.plan import Eliminate
    from ebmdsl.source.text import Span

    Order = tuple[Infer, ...]

FACTORED = ("independent_units", "gaussian")


@final
@record
class Partition:
    r"""How $\log Z = \log \int e^{-\beta F(y)} dy$ is found: `steps`, the innermost first.

    It is `-beta` times what the steps leave of the energy. Without steps it cannot be had,
    for the `reason` given.
    """

    steps: tuple[Eliminate, ...]
    beta: float = 1.0
    reason: str = ""
    span: Span = NOWHERE

    @property
    def known(self) -> bool:
        """Whether log Z has a value."""
        return bool(self.steps)


def partition(model: Model, *, energy: Node) -> Partition | None:
    """Plan log Z where a program asks for it; None where it does not."""
    span = _asked(model)
    if span is None:
        return None
    names = tuple(each.name for each in model.with_role("observed"))
    warm = [each.beta for each in model.infers if each.ring in ("marginalize", "sample")]
    beta = warm[-1] if warm else 1.0
    whole = Infer("infer", names, "marginalize", beta=beta, method=span, span=span)
    rest = tuple(each for each in model.infers if each.kind == "infer")
    reasons: list[str] = []
    for order in _orders(model, whole, rest=rest):
        steps = _planned(model, order, energy=energy, reasons=reasons)
        if steps:
            return Partition(steps, beta, span=span)
    return Partition((), beta, _why(names, reasons), span)


def _asked(model: Model) -> Span | None:
    """Return the first place where log Z is needed."""
    for train in model.trains:
        if train.objective is not None and "logZ" in train.objective.names:
            return train.span
    for term in model.terms:
        if "logZ" in term.node.names:
            return term.span
    for declared in model.declared:
        if declared.init is not None and declared.init.word == "logZ":
            return declared.span
    for measure in (*model.reports, *model.expects):
        if "logZ" in measure.node.names:
            return measure.span
    return None


def _orders(model: Model, whole: Infer, *, rest: Order) -> Iterator[Order]:
    """Yield ways to remove everything: with latents of few values, what is observed first.

    They can stand outside: then the smaller side of a bipartite graph is listed, and the
    other one summed in closed form at each of its states.
    """
    if rest and all(_stands_outside(model, each, beta=whole.beta) for each in rest):
        for word in FACTORED:
            told = replace(whole, marginalizer=default(Marginalizer, word))
            yield (told, *(replace(each, marginalizer=None, start=None) for each in rest))
    yield (*rest, whole)


def _stands_outside(model: Model, infer: Infer, *, beta: float) -> bool:
    """Tell whether latents are summed just as what is observed, and take few values."""
    declared = [each for each in map(model.find, infer.names) if each is not None]
    few = all(each.quantity.domain.discrete for each in declared)
    return few and infer.ring == "marginalize" and infer.beta == beta and not infer.posterior


def _planned(
    model: Model, order: Order, *, energy: Node, reasons: list[str]
) -> tuple[Eliminate, ...]:
    """Return the steps of an order where all of them are exact; say why where they are not."""
    made = nest(replace(model, infers=order), energy=energy, found=Diagnostics())
    if made.whole and made.rank == 0:
        return made.steps
    for step in made.steps:
        if step.open or not step.exact:
            listed = ", ".join(f"`{name}`" for name in step.names)
            reasons.append(f"{listed}: {step.reason}")
    return ()


def _why(names: tuple[str, ...], reasons: list[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in names)
    last = f" ({reasons[-1]})" if reasons else ""
    return f"no exact sum and no grid gives log Z over {listed}{last}"
