"""Free energies inside of an objective: latents that disappear anew wherever it looks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.expr.node import Node, Op, make, walk
from ebmdsl.expr.rebuild import rebuilt
from ebmdsl.lower.elimination import Asked
from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.points import APART

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.facts import Facts
    from ebmdsl.lower.elimination import Elimination
    from ebmdsl.plan.inside import Inside
    from ebmdsl.plan.plan import Eliminate

    Values = Mapping[str, Tensor]

FINER = 0.01


@final
class FreeEnergy:
    """What a step leaves of its own part of the energy, ready to be evaluated.

    `asked` and `held` say how, until they are set anew: latents that are held are among the
    values. The slope of a minimum is that of the energy at the minimizer.
    """

    def __init__(self, inside: Inside, elimination: Elimination) -> None:
        self.inside, self.elimination = inside, elimination
        self.names, self.asked, self.held = inside.names, Asked(), frozenset[str]()

    def __repr__(self) -> str:
        return repr(self.inside)

    def facts(self, names: frozenset[str]) -> Facts:
        """Return what is proved of it when the variables in `names` move."""
        return self.inside.facts(names)

    def value(self, values: Values) -> Tensor:
        """Return what is left, [n], differentiable in all values."""
        step, like = self.elimination.step, _like(values)
        if self.held.issuperset(step.names):
            return self.energy(values)
        known = {name: x for name, x in values.items() if name not in step.names}
        n = max((x.shape[0] for x in self._rows(known)), default=1)
        asked = replace(self.asked, tol=FINER * self.asked.tol)
        layout = self.elimination.reduced.layout
        if step.marginalizer is not None:
            return self._summed(known, like.new_zeros(n, layout.size), asked=asked)
        found = self.elimination.find(
            known if self.elimination.live else {name: x.detach() for name, x in known.items()},
            samples=n,
            like=like,
            asked=asked,
        )
        return self.at(known, found.point, asked=asked)

    def at(self, values: Values, point: Tensor, *, asked: Asked) -> Tensor:
        """Return what is left where the answer of the step is known, [n]."""
        if self.elimination.step.ring == "marginalize":
            own = self.elimination.value(values, point, asked=asked)
            if own is not None:
                return own
        return self.energy({**values, **self.elimination.reduced.layout.split(point)})

    def _summed(self, values: Values, like: Tensor, *, asked: Asked) -> Tensor:
        step = self.elimination.step
        assert step.marginalizer is not None
        live = torch.is_grad_enabled()
        objective = self.elimination.reduced.objective(values, like, live=live)
        rng = asked.randomness.stream(f"marginalize {', '.join(step.names)}")
        beta = self.elimination.beta(values)
        marginal = step.marginalizer.marginal(objective, like, beta=beta, rng=rng)
        return marginal.value

    def energy(self, values: Values) -> Tensor:
        """Return the step's own part of the energy where its latents are among the values."""
        own = self.elimination.step.own
        assert own is not None
        return evaluate(own, values, world=APART).reshape(-1)

    def _rows(self, values: Values) -> list[Tensor]:
        declared = self.elimination.model.declared
        names = (each.name for each in declared if each.quantity.per_sample)
        return [values[name] for name in names if name in self.names and name in values]


def bound(step: Eliminate, free: Mapping[Inside, FreeEnergy]) -> Eliminate:
    """Return a step with free energies that can be evaluated in place of planned ones."""
    if not free:
        return step
    parts = {"smooth": step.smooth, "sampled": step.sampled, "own": step.own}
    return replace(
        step,
        objective=_bound(step.objective, free),
        **{name: _bound(node, free) for name, node in parts.items() if node is not None},
    )


def _bound(node: Node, free: Mapping[Inside, FreeEnergy]) -> Node:
    done: dict[Node, Node] = {}
    for each in walk(node):
        if each.op is Op.FREE and each.data in free:
            done[each] = make(Op.FREE, each.args, data=free[each.data])
        else:
            done[each] = rebuilt(each, tuple(done[arg] for arg in each.args))
    return done[node]


def _like(values: Values) -> Tensor:
    found = next((x for x in values.values() if x.is_floating_point()), None)
    return torch.zeros(()) if found is None else found.detach().new_zeros(())
