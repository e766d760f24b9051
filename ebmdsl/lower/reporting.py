"""What reports and expectations ask for that nothing can compute, found before training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.expr.node import quantities
from ebmdsl.lower.mistakes import NotSupportedYet
from ebmdsl.plan.mistakes import NoMethod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Measure
    from ebmdsl.expr.node import Quantity
    from ebmdsl.plan.plan import Eliminate, Plan


def unreported(plan: Plan) -> Iterator[NotSupportedYet | NoMethod]:
    """Yield a mistake for every measure that asks for what nothing can compute."""
    for measure in (*plan.model.reports, *plan.model.expects):
        for each in quantities(measure.node):
            yield from _obstacle(plan, measure, each=each)


def _obstacle(
    plan: Plan, measure: Measure, *, each: Quantity
) -> Iterator[NotSupportedYet | NoMethod]:
    if each.role in ("found", "certificate"):
        yield from _found(plan, measure, each=each)
    if each.name == "logZ" and not (plan.partition and plan.partition.known):
        names = tuple(one.name for one in plan.model.with_role("observed"))
        reason = plan.partition.reason if plan.partition else "nothing sums it up"
        yield NoMethod(measure.span, names, "marginalize", (reason,))
    if each.keyed:
        what = f"`{each.name}`, which remembers samples of training, in a report"
        yield NotSupportedYet(measure.span, what)


def _found(
    plan: Plan, measure: Measure, *, each: Quantity
) -> Iterator[NotSupportedYet | NoMethod]:
    """Say why a minimizer, a filling or its proof cannot be had."""
    word, _, rest = each.name.partition("(")
    name = rest.removesuffix(")")
    steps = [step for step in plan.predictions if name in step.wanted]
    if not steps and word == "mode":
        steps = [step for step in plan.modes if name in step.names]
        if not steps:
            yield NotSupportedYet(measure.span, f"`{each.name}`: the minimum over all latents")
    for step in steps:
        if step.open:
            yield unmet(step, measure)


def unmet(step: Eliminate, measure: Measure) -> NoMethod:
    """Say what every method lacks for a step that a measure asks for."""
    reasons = tuple(f"{each.method}: {each.reason}" for each in step.rejected)
    culprit = next((each.span for each in step.rejected if each.span is not None), None)
    return NoMethod(measure.span, step.wanted, step.ring, reasons or (step.reason,), culprit)
