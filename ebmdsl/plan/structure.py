"""Find the structure of an energy in a group of latents: smooth part, rough terms, problem."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Literal, final

from ebmdsl._record import record
from ebmdsl.concepts.abilities import Conjugate, Proximable
from ebmdsl.concepts.facts import Block, Smoothness
from ebmdsl.concepts.problem import Problem, Rough
from ebmdsl.concepts.shape import size
from ebmdsl.expr.build import add, addends, const, multiply
from ebmdsl.expr.node import Node, Op, walk
from ebmdsl.expr.prove import prove
from ebmdsl.expr.text import formula
from ebmdsl.plan.interactions import interactions
from ebmdsl.plan.magnitudes import all_in_magnitudes, round_quadratic
from ebmdsl.plan.plan import RoughTerm
from ebmdsl.plan.sets import part_of, set_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ebmdsl.check.model import Declared, Model, Net
    from ebmdsl.concepts.kinds import Function


@final
@record
class Structure:
    """An energy as a function of some latents: what is smooth, what has a prox, the rest.

    `magnitude` is the non-smooth part as a polynomial in absolute values, written as one in
    the latents themselves, where it is one and has no prox.
    """

    problem: Problem
    smooth: Node
    rough: tuple[RoughTerm, ...]
    magnitude: Node | None = None


def structure(model: Model, names: tuple[str, ...], *, energy: Node) -> Structure:
    """Split an energy by what is proved of each addend as a function of these latents."""
    moving = frozenset(names)
    kinks = [each for each in addends(energy) if not _passable(each, moving)]
    smooth = [each for each in addends(energy) if each not in kinks]
    read = [_rough(model, each, moving=moving) for each in kinks]
    found = _once([described for _, described in read])
    whole = add(*smooth) if smooth else const(0)
    problem = _problem(model, names, smooth=whole, rough=found)
    problem = replace(problem, interactions=interactions(model, names, energy=energy))
    polynomials = all_in_magnitudes(kinks, moving) if problem.obstacle is not None else None
    if polynomials is not None:
        magnitude = add(*polynomials)
        problem = replace(problem, magnitudes=prove(magnitude, moving))
        return Structure(problem, whole, (), magnitude)
    return Structure(problem, whole, tuple(_merged([t for t, _ in read if t is not None])))


def _passable(node: Node, moving: frozenset[str]) -> bool:
    """Tell whether a value is smooth, but for kinks that the layers of nets bring in."""
    if prove(node, moving).smoothness >= Smoothness.C1:
        return True
    moved = [each for each in walk(node) if each.names & moving]
    return any(map(_is_kinked, moved)) and not any(_kinks(each, moving) for each in moved)


def _is_kinked(node: Node) -> bool:
    """Tell whether a node is a net with a kink in a layer, and with no jump."""
    return node.op is Op.APPLY and _roughest(node.data) is Smoothness.C0


def _roughest(net: Net) -> Smoothness:
    return min((facts.smoothness for facts in net.facts), default=Smoothness.ANALYTIC)


def _kinks(node: Node, moving: frozenset[str]) -> bool:
    """Tell whether an operation has a kink or a jump of its own."""
    if node.op is Op.APPLY:
        return _roughest(node.data) is Smoothness.STEP
    smooth = all(prove(arg, moving).smoothness >= Smoothness.C1 for arg in node.args)
    if smooth:
        return prove(node, moving).smoothness < Smoothness.C1
    return node.op is Op.CALL and _roughest_argument(node, moving) < Smoothness.C1


def _roughest_argument(node: Node, moving: frozenset[str]) -> Smoothness:
    facts = zip(node.data.facts, node.args, strict=False)
    return min(fact.smoothness for fact, arg in facts if arg.names & moving)


def _problem(
    model: Model, names: tuple[str, ...], *, smooth: Node, rough: tuple[Rough, ...]
) -> Problem:
    latents = [found for found in map(model.find, names) if found is not None]
    facts = prove(smooth, frozenset(names))
    domains = {set_of(latent) for latent in latents}
    kinked = _kinked(smooth, moving=frozenset(names))
    if kinked:
        facts = replace(facts, smoothness=max(facts.smoothness, Smoothness.C1))
    shared = facts.affine or (
        facts.degree is not None and facts.leading <= frozenset(model.parameters)
    )
    return Problem(
        names,
        size=sum(_size(latent) for latent in latents),
        domain=domains.pop() if len(domains) == 1 else "mixed",
        smooth=facts,
        rough=rough,
        states=_states(latents),
        shared=shared,
        evaluation=cost(smooth),
        batch=model.settings.batch,
        kinked=kinked,
        parts=tuple(part_of(latent) for latent in latents),
        isotropic=facts.degree == _QUADRATIC and round_quadratic(smooth, frozenset(names)),
    )


def _kinked(smooth: Node, *, moving: frozenset[str]) -> tuple[str, ...]:
    """Name the nets whose kinks the latents pass through."""
    nets = [each for each in walk(smooth) if each.names & moving and _is_kinked(each)]
    inside = [each for each in nets if any(arg.names & moving for arg in each.args)]
    return tuple(dict.fromkeys(each.data.name for each in inside))


def _size(latent: Declared) -> int:
    return size(latent.whole)


def _states(latents: Iterable[Declared]) -> int | None:
    counts = [
        None if each.constraints else each.quantity.domain.states(each.whole)
        for each in latents
    ]
    if any(count is None for count in counts):
        return None
    return prod(count for count in counts if count is not None)


def _rough(
    model: Model, addend: Node, *, moving: frozenset[str]
) -> tuple[RoughTerm | None, Rough]:
    """Read a non-smooth addend as `weight * function(latent)`, or say why it is not one."""
    each = _each_or_all(addend, moving)
    weight, core = _weighted(each, moving)
    span = model.origin(addend) or model.origin(core)
    text = formula(addend if addend.op is Op.SUM_PLATE else core)
    word = core.data.word if core.op is Op.CALL else core.op.value
    core = _without_sum(core)
    over = tuple(sorted(core.names & moving))
    obstacle = _obstacle(weight, core, moving=moving)
    if obstacle or core.op is not Op.CALL:
        return None, Rough(text, word, span, obstacle or "it is no known function", over=over)
    term = RoughTerm(weight, core.data, core.args[0].data.name)
    return term, Rough(
        text,
        core.data.word,
        span,
        gauge=isinstance(core.data, Conjugate),
        over=over,
        acts=_acts(core.data),
        convex=core.data.facts[0].convex,
    )


def _without_sum(core: Node) -> Node:
    """Return the function whose values are added up: its prox is that of their sum."""
    if core.op is not Op.CALL or core.data.word != "sum":
        return core
    inner = core.args[0]
    known = inner.op is Op.CALL and isinstance(inner.data, Proximable)
    return inner if known else core


def _acts(function: Function) -> Literal["entries", "groups", "whole"]:
    """Say on what the prox of a function acts: entries, groups of magnitudes, or the whole."""
    if function.facts[0].block <= Block.SEPARABLE:
        return "entries"
    known = isinstance(function, Proximable) and function.magnitudes
    return "groups" if known else "whole"


def _each_or_all(addend: Node, moving: frozenset[str]) -> Node:
    """Return what a plate adds up, where that is a sum over the whole latent as well.

    A function with a prox of every value of a sequence has one of the sequence.
    """
    if addend.op is not Op.SUM_PLATE:
        return addend
    weight, core = _weighted(addend.args[0], moving)
    known = core.op is Op.CALL and isinstance(_without_sum(core).data, Proximable)
    whole = known and core.plates == addend.args[0].plates and not weight.plates
    return addend.args[0] if whole and _alone(core, moving) else addend


def _alone(core: Node, moving: frozenset[str]) -> bool:
    """Tell whether the argument of a call is a latent with all of its plates."""
    inside = _without_sum(core).args[0]
    return inside.plates == core.plates and inside.names <= moving


def _weighted(addend: Node, moving: frozenset[str]) -> tuple[Node, Node]:
    if addend.op is not Op.MULTIPLY:
        return const(1), addend
    fixed = [arg for arg in addend.args if not arg.names & moving]
    rest = [arg for arg in addend.args if arg.names & moving]
    return multiply(const(1), *fixed), multiply(*rest)


def _obstacle(weight: Node, core: Node, *, moving: frozenset[str]) -> str:
    if core.op is not Op.CALL or not isinstance(core.data, Proximable):
        return f"no prox is known for `{formula(core)}`"
    if core.args[0].op is not Op.VARIABLE:
        names = ", ".join(sorted(moving & core.names))
        mixed = prove(core.args[0], moving).block is not Block.ELEMENTWISE
        what = "mixes the entries of" if mixed else "rearranges"
        return f"`{formula(core.args[0])}` {what} `{names}` before the kink"
    if not prove(weight, frozenset[str]()).nonneg:
        return f"its weight `{formula(weight)}` is not proved nonnegative"
    return ""


def _merged(terms: list[RoughTerm]) -> list[RoughTerm]:
    """Add up the weights of equal functions of the same latent."""
    weights: dict[tuple[object, str], list[RoughTerm]] = {}
    for term in terms:
        weights.setdefault((term.function, term.latent), []).append(term)
    return [
        RoughTerm(add(*(t.weight for t in group)), group[0].function, group[0].latent)
        for group in weights.values()
    ]


def _once(found: list[Rough]) -> tuple[Rough, ...]:
    """Keep one description for terms that are merged."""
    kept: dict[tuple[str, str, tuple[str, ...]], Rough] = {}
    for term in found:
        same = term.word if term.acts == "entries" else term.text
        kept.setdefault((same, term.obstacle, term.over), term)
    return tuple(kept.values())


def cost(node: Node) -> float:
    """Estimate the multiply-adds of one evaluation for one sample."""
    total = 1.0
    for each in walk(node):
        count = float(size(each.shape)) * prod(plate.size for plate in each.plates)
        if each.op is Op.MATMUL:
            count *= each.args[0].shape[-1]
        if each.op is Op.APPLY:
            count = _cost_of_net(each.data) * prod(plate.size for plate in each.plates)
        total += count if each.per_sample else 0
    return total


def _cost_of_net(net: Net) -> float:
    """Count each weight once for every place of the largest map that it may act on."""
    widest = max((net.input, net.output), key=size)
    places = size(widest[1:]) if len(widest) == _MAPS else 1
    return float(sum(size(shape) for _, shape in net.weights) * places + size(widest))


_MAPS = 3
_QUADRATIC = 2
