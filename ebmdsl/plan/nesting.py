"""Let latents disappear in the order written: what is left of one is a term for the next."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.expr.build import add, addends, const
from ebmdsl.plan.eliminate import eliminate
from ebmdsl.plan.inside import free_energy, nested

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Infer, Model
    from ebmdsl.expr.node import Node
    from ebmdsl.plan.plan import Eliminate
    from ebmdsl.source.diagnostic import Diagnostics

    Order = tuple[Infer, ...]

MOST_OUTSIDE = 4096


@final
@record
class Nest:
    """Steps, the innermost first, and the addends that are left when they are done.

    It is not `whole` where a step could not be planned, which has been reported. `latents`
    are all that are to disappear.
    """

    steps: tuple[Eliminate, ...]
    left: tuple[Node, ...] = ()
    latents: frozenset[str] = frozenset()
    whole: bool = True

    @property
    def rank(self) -> int:
        """Return how good it is: 0 where F is exact, 1 where it is not, 2 without a method."""
        if any(step.open for step in self.steps):
            return 2
        return int(not all(step.exact for step in self.steps))


def nest(model: Model, *, energy: Node, found: Diagnostics) -> Nest:
    """Plan how all latents disappear, the innermost first.

    Neighbours of one ring go together, for their nesting is one minimum or one sum. Where no
    exact method takes them together, entries with few values stand outside, and the rest
    disappears at each of their states; else they are nested as written.
    """
    infers = tuple(infer for infer in model.infers if infer.kind == "infer")
    known = tuple(infer for infer in infers if _is_known(infer, infers))
    rest = [infer for infer in infers if infer not in known]
    first = [eliminate(model, infer, energy=energy, found=found) for infer in known]
    latents = frozenset(name for infer in rest for name in infer.names)
    made = Nest((), addends(energy), latents)
    for _, group in groupby(rest, _together):
        made = _best(model, tuple(group), inner=made, found=found)
    steps = made.steps if len(made.steps) > 1 else tuple(map(_alone, made.steps))
    known_steps = tuple(step for step in first if step is not None)
    return replace(made, steps=(*known_steps, *steps))


def _best(model: Model, group: Order, *, inner: Nest, found: Diagnostics) -> Nest:
    """Plan some neighbours in the first way that is exact, else in the best one."""
    made: list[Nest] = []
    for order in _orders(model, group):
        made.append(_ordered(model, order, inner=inner, found=found))
        if made[-1].rank == 0 or not made[-1].whole:
            break
    return min(made, key=lambda each: each.rank)


def _is_known(infer: Infer, infers: Order) -> bool:
    """Tell whether latents are just what an encoder says of what is known."""
    latents = {name for each in infers for name in each.names}
    encoded = infer.encoded
    return infer.ring == "encode" and encoded is not None and not encoded.names & latents


def _plain(infer: Infer) -> bool:
    """Tell whether the file asks a question, and leaves the method open."""
    methods = (infer.solver, infer.sampler, infer.marginalizer, infer.start, infer.terms)
    open_ = all(each is None for each in methods)
    return open_ and not infer.gradient and not infer.posterior and infer.ring != "encode"


def _together(infer: Infer) -> object:
    return (infer.ring, infer.beta, infer.annealed) if _plain(infer) else infer.names


def _orders(model: Model, group: Order) -> Iterator[Order]:
    """Yield the ways to remove some neighbours, the best ones first."""
    joined = replace(group[0], names=tuple(name for infer in group for name in infer.names))
    yield (joined,)
    discrete = tuple(name for name in joined.names if _few(model, name))
    other = tuple(name for name in joined.names if name not in discrete)
    if discrete and other and _plain(joined):
        parts = replace(joined, names=other), replace(joined, names=discrete)
        yield parts
        yield parts[::-1]
    if len(group) > 1:
        yield group


def _few(model: Model, name: str) -> bool:
    declared = model.find(name)
    return declared is not None and declared.quantity.domain.discrete


def _ordered(model: Model, order: Order, *, inner: Nest, found: Diagnostics) -> Nest:
    """Plan some latents in this order, around those that are inside already."""
    steps, left = list(inner.steps), list(inner.left)
    for infer in order:
        alone = inner.latents == frozenset(infer.names)
        own = [each for each in left if alone or each.names & {*infer.names}]
        part = add(const(0), *own)
        step = eliminate(model, infer, energy=part, found=found)
        if step is None:
            return replace(inner, steps=tuple(steps), left=tuple(left), whole=False)
        step = _around(replace(step, own=part), gone=_gone(steps))
        left = [*(each for each in left if each not in own), free_energy(step)]
        steps.append(step)
    return replace(inner, steps=tuple(steps), left=tuple(left))


def _gone(steps: list[Eliminate]) -> frozenset[str]:
    return frozenset(name for step in steps for name in step.names)


def _around(step: Eliminate, *, gone: frozenset[str]) -> Eliminate:
    """Return a step with what disappears inside of it, open where that cannot be."""
    assert step.own is not None
    inside = nested(step.own)
    step = replace(step, nested=tuple(name for each in inside for name in each.step.names))
    reason = _obstacle(step, gone=gone)
    if not reason or step.open:
        return step
    return replace(step, method="", reason=reason, certificate="none", rejected=())


def _obstacle(step: Eliminate, *, gone: frozenset[str]) -> str:
    """Say why a step cannot stand around what is inside of it, if so."""
    assert step.own is not None
    asked = frozenset[str]() if step.start is None else step.start.names
    asked |= step.objective.names
    if asked & gone:
        names = ", ".join(f"`{name}`" for name in sorted(asked & gone))
        return f"it asks for {names}, which disappears before"
    drawn = [each.step for each in nested(step.own) if each.step.ring == "sample"]
    walked = next((each for each in drawn if each.sampler is not None), None)
    if walked is not None:
        return f"F has no value where `{', '.join(walked.names)}` is drawn by a chain"
    states = step.problem.states if step.problem is not None else None
    if step.nested and states is not None and states > MOST_OUTSIDE:
        inner = ", ".join(f"`{name}`" for name in step.nested)
        return f"{inner} would disappear anew at each of its {states} states"
    return ""


def _alone(step: Eliminate) -> Eliminate:
    """Return a step that is the only one."""
    return replace(step, own=None)
