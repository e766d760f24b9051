"""Where a loss pushes the energy down and where up, by the direction in which it moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.concepts.facts import Monotone
from ebmdsl.expr.build import variable
from ebmdsl.expr.node import Node, Op, Quantity, is_free_energy, walk
from ebmdsl.expr.prove import prove
from ebmdsl.expr.rebuild import rebuilt
from ebmdsl.expr.text import formula

if TYPE_CHECKING:
    from collections.abc import Iterator

PROBE = "energy elsewhere"


@final
@record
class Pushes:
    """The energies that a loss pushes down, up, and in a direction that is not proved."""

    down: tuple[str, ...]
    up: tuple[str, ...]
    weighed: tuple[str, ...]


def pushes(objective: Node) -> Pushes:
    """Return what a loss does to the energy at each point where it asks for it.

    A loss that grows with an energy pushes it down, as the loss is minimized.
    """
    directions = {formula(each): _direction(objective, each) for each in _asked(objective)}
    if "logZ" in objective.names:
        directions["log Z, at every point"] = Monotone.DECREASING
    return Pushes(
        down=_those(directions, Monotone.INCREASING),
        up=_those(directions, Monotone.DECREASING),
        weighed=_those(directions, Monotone.NEITHER),
    )


def _those(directions: dict[str, Monotone], wanted: Monotone) -> tuple[str, ...]:
    return tuple(text for text, direction in directions.items() if direction is wanted)


def _asked(objective: Node) -> Iterator[Node]:
    """Yield F at the sample and at every other point."""
    inside = {arg for each in walk(objective) if each.op is Op.POINT for arg in each.args}
    found = list(walk(objective))
    yield from (each for each in found if is_free_energy(each) and _outside(objective, inside))
    yield from (each for each in found if each.op is Op.POINT)


def _outside(objective: Node, inside: set[Node]) -> bool:
    """Tell whether F stands anywhere but in the brackets of a point."""
    users = (each for each in walk(objective) if each.op is not Op.POINT)
    used = any(is_free_energy(arg) for each in users for arg in each.args)
    return used or is_free_energy(objective) or not inside


def _direction(objective: Node, asked: Node) -> Monotone:
    probe = variable(Quantity(PROBE, "free"), asked.shape, plates=asked.plates)
    done: dict[Node, Node] = {}
    for each in walk(objective):
        args = tuple(done[arg] for arg in each.args)
        frozen = each.op in (Op.POINT, Op.GRADIENT)
        done[each] = probe if each is asked else each if frozen else rebuilt(each, args)
    return prove(done[objective], frozenset({PROBE})).monotone
