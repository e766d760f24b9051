"""What limits the volume of low energy: one sentence per proved limit."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from ebmdsl.concepts.abilities import Conjugate, Homogeneous
from ebmdsl.concepts.facts import Block
from ebmdsl.concepts.shape import size
from ebmdsl.expr.build import addends, coefficient
from ebmdsl.expr.node import Op
from ebmdsl.expr.prove import prove
from ebmdsl.expr.text import formula

if TYPE_CHECKING:
    from ebmdsl.check.model import Declared, Model
    from ebmdsl.concepts.facts import Facts
    from ebmdsl.concepts.kinds import Function
    from ebmdsl.expr.node import Node
    from ebmdsl.plan.plan import Eliminate


def volume(
    model: Model, energy: Node, *, eliminations: tuple[Eliminate, ...]
) -> tuple[str, ...]:
    """Return the limits on the volume of low energy."""
    names = [name for elimination in eliminations for name in elimination.names]
    sentences = [
        limit
        for latent in filter(None, map(model.find, names))
        for limit in _limits(model, energy, latent=latent)
    ]
    return tuple(sentences if eliminations else _of_observed(model, energy))


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
