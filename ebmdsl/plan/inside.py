"""What is left of an energy when latents are gone, as a term of what is left to find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from ebmdsl.concepts.facts import Curvature, Facts, Smoothness
from ebmdsl.expr.node import Node, Op, make, walk
from ebmdsl.expr.prove import prove

if TYPE_CHECKING:
    from ebmdsl.plan.plan import Eliminate


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Inside:
    """The free energy of latents as a function of all that their part of the energy holds.

    `names` are what it depends on. A sum over states is as smooth as the energy; a minimum
    over states has kinks, and one over a continuum has a slope where it is unique.
    """

    step: Eliminate
    names: frozenset[str]

    def __repr__(self) -> str:
        return f"without {', '.join(self.step.names)}"

    def facts(self, names: frozenset[str]) -> Facts:
        """Return what is proved of it when the variables in `names` move."""
        own = self.step.own
        assert own is not None
        alone = prove(own, names)
        smooth = min(alone.smoothness, self._smoothest(names))
        return Facts(curvature=self._curvature(names), smoothness=smooth)

    def _smoothest(self, names: frozenset[str]) -> Smoothness:
        step = self.step
        discrete = step.problem is not None and step.problem.discrete
        match step.ring:
            case "minimize" if not step.exact:
                return Smoothness.STEP if step.objective.names & names else Smoothness.ANALYTIC
            case "minimize":
                return Smoothness.C0 if discrete else Smoothness.C1
            case "encode":
                start = step.start
                return Smoothness.STEP if start is None else prove(start, names).smoothness
            case "marginalize" | "sample":
                return Smoothness.ANALYTIC

    def _curvature(self, names: frozenset[str]) -> Curvature:
        """Tell whether a minimum of a jointly convex energy is convex in what is left."""
        step = self.step
        assert step.own is not None
        convex = step.ring == "minimize" and step.exact and step.problem is not None
        if convex and step.problem is not None and step.problem.convex:
            joint = prove(step.own, names | {*step.names})
            return Curvature.CONVEX if joint.convex else Curvature.UNKNOWN
        return Curvature.UNKNOWN


def free_energy(step: Eliminate) -> Node:
    """Return what is left of a step's own part of the energy, one number a sample."""
    nodes = [node for node in (step.own, step.objective, step.start) if node is not None]
    names = frozenset[str]().union(*(node.names for node in nodes)) - {*step.names}
    leaves = {each for node in nodes for each in walk(node) if each.op is Op.VARIABLE}
    args = sorted((e for e in leaves if e.data.name in names), key=lambda leaf: leaf.key)
    return make(Op.FREE, tuple(args), data=Inside(step, names))


def nested(node: Node) -> tuple[Inside, ...]:
    """List the free energies that a node is made of."""
    return tuple(dict.fromkeys(each.data for each in walk(node) if each.op is Op.FREE))
