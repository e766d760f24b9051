"""Run the eliminations of a plan, innermost first: the one function that everything calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.lower.drawing import Drawing
from ebmdsl.lower.encoding import Encoding
from ebmdsl.lower.marginalizing import Marginalizing
from ebmdsl.lower.minimizing import Minimizing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.check.model import Model
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


@final
class Eliminations:
    """All steps of a plan, run one after the other."""

    def __init__(self, steps: tuple[Eliminate, ...], model: Model) -> None:
        self.steps = tuple(RINGS[step.ring](step, model) for step in steps)

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

        What is found is constant, unless the step says that it is live. Latents that are
        `held` are not found: they are among the values.
        """
        found: dict[str, Tensor] = {}
        solutions: list[Solution] = []
        for step in self._free(held):
            known = {**values, **found}
            if not step.live:
                known = {name: x.detach() for name, x in known.items()}
            solution = step.find(known, samples=samples, like=like, asked=asked)
            solutions.append(solution)
            found |= step.reduced.layout.split(solution.point)
        return found, solutions

    def value(
        self, values: Values, found: Values, *, asked: Asked, held: frozenset[str] = NOTHING
    ) -> Tensor | None:
        """Return F, [n], differentiable in the parameters; None where it is E as found."""
        value = None
        for step in self._free(held):
            own = step.value({**values, **found}, step.reduced.layout.join(found), asked=asked)
            value = value if own is None else own
        return value

    def _free(self, held: frozenset[str]) -> tuple[Elimination, ...]:
        """Return the steps with something to find; nothing is found half."""
        left = tuple(each for each in self.steps if not held.issuperset(each.step.names))
        for each in left:
            if held.intersection(each.step.names):
                listed = ", ".join(f"`{name}`" for name in each.step.names)
                raise NotImplementedError(f"{listed} are found together, and one is given")
        return left
