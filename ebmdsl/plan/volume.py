"""What limits the volume of low energy: one sentence per proved limit, and the lints."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from ebmdsl.concepts.abilities import Conjugate, Homogeneous
from ebmdsl.concepts.facts import Block, Smoothness
from ebmdsl.concepts.shape import size
from ebmdsl.expr.build import addends, coefficient
from ebmdsl.expr.node import Op, is_free_energy
from ebmdsl.expr.prove import prove
from ebmdsl.expr.text import formula
from ebmdsl.plan.mistakes import Collapse, UnboundedGain

if TYPE_CHECKING:
    from ebmdsl.check.model import Declared, Model
    from ebmdsl.concepts.facts import Facts
    from ebmdsl.concepts.kinds import Function
    from ebmdsl.expr.node import Node
    from ebmdsl.plan.plan import Eliminate
    from ebmdsl.source.diagnostic import Diagnostics
    from ebmdsl.source.text import Span


def volume(
    model: Model, energy: Node, *, eliminations: tuple[Eliminate, ...], found: Diagnostics
) -> tuple[str, ...]:
    """Return the limits on the volume of low energy; report where there is none."""
    sentences: list[str] = []
    names = [name for elimination in eliminations for name in elimination.names]
    for latent in filter(None, map(model.find, names)):
        limits = _limits(model, energy, latent=latent)
        sentences += limits
        if not limits:
            _report_collapse(model, energy, latent=latent, found=found)
        _check_gain(model, energy, latent=latent, found=found)
    if not eliminations:
        sentences += _of_observed(model, energy)
    return tuple(sentences)


def _of_observed(model: Model, energy: Node) -> list[str]:
    """Say which terms of an energy without latents grow with what is observed."""
    return [
        f"`{formula(addend)}` grows with `{each.name}` whatever the parameters are"
        for each in model.with_role("observed")
        for addend in addends(energy)
        if grows(addend, each.name)
    ]


def _limits(model: Model, energy: Node, *, latent: Declared) -> list[str]:
    name, domain = latent.name, latent.quantity.domain
    states = domain.states(latent.whole)
    if states is not None:
        return [f"`{name}` has only {_states(states)} states"]
    sentences = [
        f"`{formula(addend)}` makes large values of `{name}` expensive"
        if grows(addend, name)
        else f"`{formula(addend)}` leaves only some values of `{name}` cheap"
        for addend in _penalties(model, energy, name=name)
    ]
    wide = _width(latent)
    seen = sum(_width(each) for each in model.with_role("observed"))
    if wide < seen:
        sentences.append(f"`{name}` has {wide} dimensions, fewer than the {seen} observed")
    return sentences


def _states(states: int) -> str:
    return str(states) if states < 10**6 else f"about 10^{len(str(states)) - 1}"


def _width(declared: Declared) -> int:
    return size(declared.whole)


def _penalties(model: Model, energy: Node, *, name: str) -> list[Node]:
    """List the addends that charge for a latent whatever is observed."""
    known = {each.name for each in model.with_role("observed", "given")}
    own = [each for each in addends(energy) if name in each.names and not each.names & known]
    return [each for each in own if _charges(prove(each, frozenset({name})))]


def _charges(facts: Facts) -> bool:
    """Tell whether a term has a least value and is above it for most values."""
    bounded = facts.low > -inf and not facts.constant
    return facts.convex and bounded


def _report_collapse(
    model: Model, energy: Node, *, latent: Declared, found: Diagnostics
) -> None:
    if not all(is_free_energy(each.objective) for each in model.trains if each.objective):
        return
    observed = [each.name for each in model.with_role("observed")]
    term = next((a for a in addends(energy) if latent.name in a.names), None)
    if observed and term is not None and _reaches(term, latent.name):
        span = model.origin(term)
        found.report(Collapse(latent.span, latent.name, observed[0], span))


def _reaches(term: Node, name: str) -> bool:
    """Tell whether a term can be zero for some value of the latent, as far as is known."""
    return prove(term, frozenset({name})).convex


def _check_gain(model: Model, energy: Node, *, latent: Declared, found: Diagnostics) -> None:
    """Warn where a latent's only limit shrinks as a parameter that multiplies it grows."""
    penalties = _penalties(model, energy, name=latent.name)
    if not any(_homogeneous(each, latent.name) for each in penalties):
        return
    for name, span in _learned(model):
        if _multiplies(model, energy, param=name, latent=latent) and not _held_back(
            energy, name
        ):
            term = model.origin(penalties[0])
            found.report(UnboundedGain(span, name, latent.name, term))


def _learned(model: Model) -> list[tuple[str, Span]]:
    """List what is moved by training and held by no constraint on its size."""
    named = {name for train in model.trains for name in train.names}
    rest = any(not train.names for train in model.trains)
    held = [*model.with_role("param"), *model.nets]
    return [
        (each.name, each.span)
        for each in held
        if (rest or each.name in named) and not any(c.bounds_gain for c in each.constraints)
    ]


def _homogeneous(penalty: Node, name: str) -> bool:
    return prove(penalty, frozenset({name})).smoothness is Smoothness.C0


def _multiplies(model: Model, energy: Node, *, param: str, latent: Declared) -> bool:
    known = {each.name for each in model.with_role("observed")}
    for addend in addends(energy):
        both = {param, latent.name} <= addend.names and addend.names & known
        if both and param in prove(addend, frozenset({latent.name})).leading:
            return True
    return False


def _held_back(energy: Node, name: str) -> bool:
    """Tell whether a term of its own keeps a variable from growing."""
    own = [each for each in addends(energy) if each.names == frozenset({name})]
    return any(grows(each, name) for each in own)


def grows(node: Node, name: str) -> bool:
    """Tell whether a term is proved to grow without bound, whichever way a variable goes.

    A norm of the variable does, or of its distance to something else.
    """
    match node.op:
        case Op.SUM_PLATE:
            return grows(node.args[0], name)
        case Op.MULTIPLY:
            moving = [arg for arg in node.args if name in arg.names]
            fixed = [prove(arg, frozenset[str]()) for arg in node.args if name not in arg.names]
            positive = all(facts.low > 0 for facts in fixed)
            return positive and len(moving) == 1 and grows(moving[0], name)
        case Op.CALL:
            return _is_norm(node.data) and _is_distance(node.args[0], name)
        case _:
            return False


def _is_norm(function: Function) -> bool:
    """Tell whether a function is zero at zero only, and more along every ray."""
    apart = function.facts[0].block is Block.SEPARABLE or isinstance(function, Conjugate)
    return isinstance(function, Homogeneous) and function.order > 0 and apart


def _is_distance(node: Node, name: str) -> bool:
    moving = [coefficient(part)[1] for part in addends(node) if name in part.names]
    return len(moving) == 1 and moving[0].op is Op.VARIABLE and node.shape == moving[0].shape
