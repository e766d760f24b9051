"""log Z, differentiable in the parameters, in float64."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.lower.eliminate import Eliminations
from ebmdsl.lower.elimination import Asked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.plan.partition import Partition
    from ebmdsl.plan.plan import Plan

    Values = Mapping[str, Tensor]


@final
class LogPartition:
    r"""$\log Z = \log \int e^{-\beta F(y)} dy$ over all observed variables.

    The parts of the energy are the same as those of F, and what is observed disappears like
    a latent. The work is in float64 whatever the parameters are.
    """

    def __init__(self, plan: Plan, partition: Partition) -> None:
        self.plan, self.partition = plan, partition
        self._steps = Eliminations(self.partition.steps, plan.model)
        gone = {name for step in partition.steps for name in step.names}
        names = frozenset[str]().union(*(term.node.names for term in plan.model.energy))
        self._given = tuple(
            each.name
            for each in plan.model.declared
            if each.quantity.per_sample and each.name in names - gone
        )

    @classmethod
    def of(cls, plan: Plan) -> LogPartition | None:
        """Return log Z of a plan that asks for it and knows how it is found."""
        asked = plan.partition
        return None if asked is None or not asked.known else cls(plan, asked)

    def value(
        self, weights: Values, values: Values, *, samples: int, asked: Asked | None = None
    ) -> Tensor:
        """Return log Z of every sample, [n], in float64.

        `values` hold what is given, [n, …]; what is observed is passed over.
        """
        asked = Asked() if asked is None else asked
        asked = replace(asked, context=asked.context.elsewhere())
        count = samples if self._given else 1
        given = {name: values[name] for name in self._given}
        known = {name: _wide(x) for name, x in {**weights, **given}.items()}
        like = torch.zeros((), dtype=torch.float64, device=_device(known))
        nowhere: dict[str, Tensor] = {}
        for step in self._steps.steps:
            layout = step.reduced.layout
            nowhere |= layout.split(like.new_zeros(count, layout.size))
        value = self._steps.value(known, nowhere, asked=asked)
        assert value is not None
        return (-self.partition.beta * value.reshape(-1)).expand(samples)


def _wide(x: Tensor) -> Tensor:
    return x.double() if x.is_floating_point() else x


def _device(values: Values) -> torch.device:
    return next((x.device for x in values.values()), torch.device("cpu"))
