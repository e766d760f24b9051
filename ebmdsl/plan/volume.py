"""What limits the volume of low energy: one sentence per proved limit, and the lints."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from ebmdsl.concepts.facts import Smoothness
from ebmdsl.concepts.shape import size
from ebmdsl.expr.build import addends
from ebmdsl.expr.prove import prove
from ebmdsl.expr.text import formula
from ebmdsl.plan.mistakes import Collapse, UnboundedGain

if TYPE_CHECKING:
    from ebmdsl.check.model import Declared, Model
    from ebmdsl.expr.node import Node
    from ebmdsl.plan.plan import Eliminate
    from ebmdsl.source.diagnostic import Diagnostics


def volume(
    model: Model, energy: Node, *, eliminations: tuple[Eliminate, ...], found: Diagnostics
) -> tuple[str, ...]:
    """Return the limits on the volume of low energy; report where there is none."""
    sentences: list[str] = []
    for elimination in eliminations:
        for latent in filter(None, map(model.find, elimination.names)):
            limits = _limits(model, energy, latent=latent)
            sentences += limits
            if not limits:
                _report_collapse(model, energy, latent=latent, found=found)
            _check_gain(model, energy, latent=latent, found=found)
    if not eliminations and model.with_role("observed"):
        sentences.append("the form of the energy itself; no latent can lower it")
    return tuple(sentences)


def _limits(model: Model, energy: Node, *, latent: Declared) -> list[str]:
    name, domain = latent.name, latent.quantity.domain
    states = domain.states(latent.whole)
    if states is not None:
        return [f"`{name}` has only {_states(states)} states"]
    sentences = [
        f"`{formula(addend)}` makes large values of `{name}` expensive"
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
    return size(declared.shape) * prod(plate.size for plate in declared.plates)


def _penalties(model: Model, energy: Node, *, name: str) -> list[Node]:
    """List the addends that depend on the latent, are convex in it and on no observation."""
    known = {each.name for each in model.with_role("observed", "given")}
    return [
        addend
        for addend in addends(energy)
        if name in addend.names
        and not addend.names & known
        and prove(addend, frozenset({name})).convex
        and not prove(addend, frozenset({name})).affine
    ]


def _report_collapse(
    model: Model, energy: Node, *, latent: Declared, found: Diagnostics
) -> None:
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
    for param in model.with_role("param"):
        if _multiplies(model, energy, param=param, latent=latent) and not _bounded(
            energy, param
        ):
            span = model.origin(penalties[0])
            found.report(UnboundedGain(param.span, param.name, latent.name, span))


def _homogeneous(penalty: Node, name: str) -> bool:
    return prove(penalty, frozenset({name})).smoothness is Smoothness.C0


def _multiplies(model: Model, energy: Node, *, param: Declared, latent: Declared) -> bool:
    known = {each.name for each in model.with_role("observed")}
    for addend in addends(energy):
        both = {param.name, latent.name} <= addend.names and addend.names & known
        if both and param.name in prove(addend, frozenset({latent.name})).leading:
            return True
    return False


def _bounded(energy: Node, param: Declared) -> bool:
    """Tell whether a constraint or a term of its own keeps a parameter from growing."""
    if any(constraint.bounds_gain for constraint in param.constraints):
        return True
    return any(addend.names == frozenset({param.name}) for addend in addends(energy))
