"""F near a point, where minimizers follow what they depend on: for derivatives of F."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import torch

from ebmdsl.lower.minimizing import Minimizing
from ebmdsl.plan.gradient import refusal_of_mode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from ebmdsl.lower.eliminate import Eliminations
    from ebmdsl.lower.implicit import Equation

    Values = Mapping[str, Tensor]

ORDERS = 3


@final
class Following:
    """F as a function of all values, with what was found there among them."""

    def __init__(self, eliminations: Eliminations, value: Callable[[Values], Tensor]) -> None:
        self._eliminations, self._value = eliminations, value

    def __call__(self, values: Values) -> Tensor:
        """Return F, [n], with what was found held as it is."""
        return self._value(values)

    def near(self, values: Values) -> Near:
        """Return F near these values: derivatives up to the third are those of F itself."""
        steps = (each for each in self._eliminations.order if isinstance(each, Minimizing))
        held = tuple((step, _equation(step, values)) for step in steps if _moves(step))
        return Near(held, self._value)


@final
class Near:
    """F around a point; each minimizer moves by the equation that it solves there.

    A minimum of the whole energy has no slope at its minimizer: one order of that more than
    doubles the orders of F that are exact.
    """

    def __init__(
        self,
        held: tuple[tuple[Minimizing, Equation], ...],
        value: Callable[[Values], Tensor],
    ) -> None:
        self._held, self._value = held, value

    def __call__(self, values: Values) -> Tensor:
        """Return F, [n]."""
        known = dict(values)
        for step, equation in self._held:
            objective = step.moving(known, equation.point)
            point = equation.at(objective, orders=1 if step.step.exact else ORDERS)
            known |= step.reduced.layout.split(point)
        return self._value(known)

    def near(self, values: Values) -> Near:
        """Return itself: inside of a derivative nothing is found anew."""
        del values
        return self


@torch.no_grad()
def _equation(step: Minimizing, values: Values) -> Equation:
    known = {name: values[name] for name in step.step.names}
    return step.equation(values, step.reduced.layout.join(known))


def _moves(step: Minimizing) -> bool:
    """Tell whether an answer moves at all: states stay what they are until they jump."""
    problem, solver = step.step.problem, step.step.solver
    assert problem is not None
    assert solver is not None
    return refusal_of_mode("implicit", problem, solver=solver, rough=step.step.rough) is None
