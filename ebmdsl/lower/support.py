"""What a plan asks for that cannot run yet, each at the place where it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.expr.node import Node, Op, walk
from ebmdsl.lower.mistakes import NotSupportedYet
from ebmdsl.lower.outside import answerable, asked_in
from ebmdsl.lower.reporting import unreported
from ebmdsl.plan.mistakes import NoMethod
from ebmdsl.source.diagnostic import Diagnostics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Drawn
    from ebmdsl.plan.plan import Eliminate, Plan


def unsupported(plan: Plan) -> Diagnostics:
    """Return a diagnostic for every statement of a plan that has no lowering yet."""
    found = Diagnostics()
    plans = (plan, *(stage for _, stage in plan.stages))
    mistakes = [mistake for each in plans for mistake in _unsupported(each)]
    for mistake in {each.span: each for each in reversed(mistakes)}.values():
        found.report(mistake)
    return found


def _unsupported(plan: Plan) -> Iterator[NotSupportedYet | NoMethod]:
    yield from _whole(plan)
    yield from _partition(plan)
    yield from _points(plan)
    yield from _random(plan)
    yield from _eliminations(plan)
    yield from _losses(plan)
    yield from unreported(plan)


def _whole(plan: Plan) -> Iterator[NotSupportedYet]:
    for node in asked_in(plan.model):
        if not answerable(node):
            span = plan.model.origin(node) or plan.model.used[0].span
            yield NotSupportedYet(span, "a used model at what is computed from parameters")


def _partition(plan: Plan) -> Iterator[NoMethod]:
    """Say why log Z, which a program asks for, cannot be had."""
    asked = plan.partition
    if asked is None or asked.known:
        return
    names = tuple(each.name for each in plan.model.with_role("observed"))
    yield NoMethod(asked.span, names, "integrate exp(-F)", (asked.reason,))


def _points(plan: Plan) -> Iterator[NotSupportedYet]:
    for declared in plan.model.with_role("negative"):
        drawn = declared.drawn
        if drawn is not None and drawn.word in ("queue", "bank"):
            what = f"`{drawn.word}` without a `state` that remembers"
            yield NotSupportedYet(declared.span, what)
        own = _own_values(plan)
        if drawn is not None and drawn.sampler and own and _is_shared(drawn):
            what = f"chains that all samples share, in an energy that depends on `{own[0]}`,"
            yield NotSupportedYet(declared.span, what)


def _is_shared(drawn: Drawn) -> bool:
    return drawn.start is not None and not drawn.start.per_sample


def _own_values(plan: Plan) -> tuple[str, ...]:
    """Name what each sample has of its own in the energy, and no chain moves."""
    asked = plan.model.with_role("given", "random")
    return tuple(each.name for each in asked if each.name in plan.energy.names)


def _random(plan: Plan) -> Iterator[NotSupportedYet]:
    posteriors = {infer.posterior for infer in plan.model.infers}
    for block in plan.model.blocks:
        if block.random and block.name not in posteriors:
            yield NotSupportedYet(block.span, "drawing from an encoder's distribution")


def _eliminations(plan: Plan) -> Iterator[NotSupportedYet | NoMethod]:
    for step in plan.eliminations:
        if step.open:
            yield _no_method(step)
    for infer in plan.model.infers:
        if infer.annealed is not None and (plan.partition or infer.kind == "predict"):
            yield NotSupportedYet(infer.span, "`beta` that changes from step to step")


def _no_method(step: Eliminate) -> NoMethod:
    """Say why nothing takes a step: what every method lacks, or what was found instead."""
    reasons = tuple(f"{each.method}: {each.reason}" for each in step.rejected)
    culprit = next((each.span for each in step.rejected if each.span is not None), None)
    return NoMethod(step.span, step.names, step.ring, reasons or (step.reason,), culprit)


def _losses(plan: Plan) -> Iterator[NotSupportedYet]:
    for update in plan.updates:
        for what in dict.fromkeys(_missing(plan, update.objective)):
            yield NotSupportedYet(update.span, what)
    for term in plan.model.terms:
        for what in dict.fromkeys(_missing(plan, term.node)):
            yield NotSupportedYet(term.span, what)


def _missing(plan: Plan, node: Node) -> Iterator[str]:
    for each in walk(node):
        if each.op is Op.POINT:
            yield from _point(plan, each)


def _point(plan: Plan, point: Node) -> Iterator[str]:
    nodes = {block.name for block in plan.model.blocks} & {*point.data}
    if nodes and frozenset(nodes) not in dict(plan.openings):
        yield "F where a node is replaced that the energy cannot do without"
    for name, value in zip(point.data, point.args[1:], strict=True):
        declared = plan.model.find(name)
        shared = declared is not None and not declared.quantity.per_sample
        if shared and (value.per_sample or value.plates):
            yield f"F at many values of `{name}` at once"
