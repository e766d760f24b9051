"""What a plan finds, and F, as functions of all that they depend on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.expr.node import Quantity, quantities
from ebmdsl.lower.eliminate import Eliminations
from ebmdsl.lower.energy import EVAL, Elsewhere, Free, evaluate_all
from ebmdsl.lower.following import Following
from ebmdsl.lower.points import APART
from ebmdsl.lower.result import Proof, Result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.expr.node import Node
    from ebmdsl.lower.elimination import Asked
    from ebmdsl.lower.loop import Solution
    from ebmdsl.plan.plan import Plan

    Values = Mapping[str, Tensor]

NOTHING: frozenset[str] = frozenset()


@final
class Inference:
    """The eliminations of a plan at work; `values` hold weights and samples by name.

    Values of samples are [n, *plates, *event], with one leading axis. `like` returns a number
    with the type and the device of the latents.
    """

    def __init__(self, plan: Plan, like: Callable[[], Tensor]) -> None:
        self.plan, self._like = plan, like
        self.eliminations = Eliminations(plan.eliminations, plan.model)
        self._opened = {names: Inference(each, like) for names, each in plan.openings}
        self.needs = tuple({each.name: each for node in _asked(plan) for each in node}.values())

    @property
    def plainly(self) -> Elsewhere:
        """Return what has a value at another point without any inference."""
        assert APART.elsewhere is not None
        return APART.elsewhere

    def opened(self, names: Iterable[str]) -> Inference:
        """Return the inference where these names, of variables or of nodes, are replaced."""
        blocks = {block.name for block in self.plan.model.blocks}
        nodes = frozenset(blocks.intersection(names))
        return self._opened[nodes] if nodes else self

    def find(
        self,
        values: Values,
        *,
        samples: int,
        asked: Asked,
        held: frozenset[str] = NOTHING,
    ) -> Result:
        """Return F and what is found; latents that are `held` stay as `values` say."""
        found, solutions = self.eliminations.find(
            values, samples=samples, like=self._like(), asked=asked, held=held
        )
        known = {**values, **found}
        terms = self.terms(known, samples, context=asked.context)
        value = self.eliminations.value(values, found, asked=asked, held=held)
        if value is None:
            value = self._total(terms, samples)
        worst, proofs = _worst(solutions, samples), tuple(map(_proof, solutions))
        return Result(value, terms, dict(found), *worst, proofs=proofs)

    def free(self, samples: int, *, asked: Asked) -> Free:
        """Return F, [samples], as a function of all values and of what was found there."""
        inside = replace(asked, context=asked.context.elsewhere())

        def value(values: Values) -> Tensor:
            own = self.eliminations.value(values, values, asked=inside)
            if own is not None:
                return own
            terms = self.terms(values, samples, context=inside.context)
            return self._total(terms, samples)

        return Following(self.eliminations, value)

    def _total(self, terms: Values, samples: int) -> Tensor:
        """Add up the terms; a program whose stages declare them all has none of its own."""
        if not terms:
            return self._like().new_zeros(samples)
        return torch.stack(list(terms.values())).sum(0)

    def terms(
        self, values: Values, samples: int, *, context: Context = EVAL
    ) -> dict[str, Tensor]:
        """Return each term of the energy by name, [n]."""
        factors = self.plan.graph.energy
        world = APART if context is EVAL else replace(APART, context=context)
        found = evaluate_all([factor.node for factor in factors], values, world=world)
        return {
            factor.id: x.reshape(-1).expand(samples)
            for factor, x in zip(factors, found, strict=True)
        }


def _asked(plan: Plan) -> Iterator[tuple[Quantity, ...]]:
    """Yield the variables that F and the latents depend on."""
    nodes: list[Node | None] = [factor.node for factor in plan.graph.energy]
    for step in plan.eliminations:
        nodes += [step.objective, step.start]
    yield from (quantities(node) for node in nodes if node is not None)


def _worst(solutions: list[Solution], samples: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the certificate, the status and the steps of the worst step of every sample."""
    if not solutions:
        zero = torch.zeros(samples, dtype=torch.float64)
        return zero, zero.to(torch.int8), zero.to(torch.int32)
    columns = zip(*map(_judged, solutions), strict=True)
    certificate, status, steps = (torch.stack(each).amax(0) for each in columns)
    return certificate, status, steps


def _judged(solution: Solution) -> tuple[Tensor, Tensor, Tensor]:
    return solution.certificate, solution.status, solution.steps


def _proof(found: Solution) -> Proof:
    return Proof(
        found.names, found.certificate, found.status, found.steps, accepted=found.accepted
    )
