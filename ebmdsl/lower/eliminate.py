"""Run the eliminations of a plan: the one function that everything calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import torch

from ebmdsl.expr.build import add, addends, const
from ebmdsl.lower.drawing import Drawing
from ebmdsl.lower.encoding import Encoding
from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.marginalizing import Marginalizing
from ebmdsl.lower.minimizing import Minimizing
from ebmdsl.lower.nested import FreeEnergy, bound
from ebmdsl.lower.points import APART
from ebmdsl.lower.search import Search
from ebmdsl.lower.variational import Variational
from ebmdsl.plan.inside import Inside, nested

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.check.model import Model
    from ebmdsl.expr.node import Node
    from ebmdsl.lower.elimination import Asked, Elimination
    from ebmdsl.lower.loop import Solution
    from ebmdsl.plan.plan import Eliminate, Ring

    Values = Mapping[str, Tensor]

RINGS: Mapping[Ring, type[Elimination]] = {
    "minimize": Minimizing,
    "marginalize": Marginalizing,
    "sample": Drawing,
    "encode": Encoding,
}


NOTHING: frozenset[str] = frozenset()


def _kind(step: Eliminate) -> type[Elimination]:
    """Return what carries a step out: a bound by a posterior is no sum over its states."""
    return Variational if step.method == "variational" else RINGS[step.ring]


@final
class Eliminations:
    """All steps of a plan, the innermost first."""

    def __init__(self, steps: tuple[Eliminate, ...], model: Model) -> None:
        self.model, self._free = model, dict[Inside, FreeEnergy]()
        self.steps = tuple(self._lowered(step, steps) for step in steps)
        self._apart = any(step.own is not None for step in steps)

    def _lowered(self, step: Eliminate, steps: tuple[Eliminate, ...]) -> Elimination:
        """Return a step at work, with what is nested in it."""
        made = _kind(step)(bound(step, self._free), self.model)
        uses = (each.own for each in steps if each.own is not None)
        for inside in (inside for node in uses for inside in nested(node)):
            if inside.step.names == step.names:
                self._free[inside] = FreeEnergy(inside, made)
        return made

    def find(
        self,
        values: Values,
        *,
        samples: int,
        like: Tensor,
        asked: Asked,
        held: frozenset[str] = NOTHING,
    ) -> tuple[dict[str, Tensor], list[Solution]]:
        """Return every latent by name, and how each step ended.

        The outermost step goes first: what is nested in it disappears wherever it looks, and
        is found once its answer is known. What is found is constant, unless the step says
        that it is live. Latents that are `held` are not found: they are among the values.
        """
        self._ask(asked, held)
        return Search(self.model, like=like, asked=asked).run(
            self._ordered(held), values, samples=samples
        )

    def value(
        self, values: Values, found: Values, *, asked: Asked, held: frozenset[str] = NOTHING
    ) -> Tensor | None:
        """Return F, [n], differentiable in the parameters; None where it is E as found."""
        known = {**values, **found}
        if self._apart:
            self._ask(asked, held)
            return self._total(known, asked=asked, held=held)
        value = None
        for step in self._ordered(held):
            own = step.value(known, step.reduced.layout.join(found), asked=asked)
            value = value if own is None else own
        return value

    @property
    def order(self) -> tuple[Elimination, ...]:
        """Return the steps as they are run."""
        return self._ordered(NOTHING)

    def _total(self, known: Values, *, asked: Asked, held: frozenset[str]) -> Tensor:
        """Add up what the outermost steps leave, and the terms without latents."""
        parts = [evaluate(self._rest, known, world=APART).reshape(-1)]
        inside = {name for step in self.steps for name in step.step.nested}
        for step in self.steps:
            if step.step.own is None or inside & {*step.step.names}:
                continue
            ended = FreeEnergy(Inside(step.step, NOTHING), step)
            point = step.reduced.layout.join(known)
            whole = held.issuperset(step.step.names)
            parts.append(ended.energy(known) if whole else ended.at(known, point, asked=asked))
        return torch.stack(torch.broadcast_tensors(*parts)).sum(0)

    @property
    def _rest(self) -> Node:
        """Return the terms that no step takes."""
        gone = {n for each in self.steps if each.step.own is not None for n in each.step.names}
        whole = add(const(0), *(term.node for term in self.model.energy))
        return add(const(0), *(each for each in addends(whole) if not each.names & gone))

    def _ask(self, asked: Asked, held: frozenset[str]) -> None:
        for each in self._free.values():
            each.asked, each.held = asked, held

    def _ordered(self, held: frozenset[str]) -> tuple[Elimination, ...]:
        """Return the steps with something to find as they are run; nothing is found half."""
        left = tuple(each for each in self.steps if not held.issuperset(each.step.names))
        for each in left:
            if held.intersection(each.step.names):
                listed = ", ".join(f"`{name}`" for name in each.step.names)
                raise NotImplementedError(f"{listed} are found together, and one is given")
        known = tuple(each for each in left if each.step.own is None)
        return known + tuple(each for each in left[::-1] if each.step.own is not None)
