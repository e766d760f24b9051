"""Predictions for a trained model: which entries are asked for, and what is found for them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.expr.node import Op, walk
from ebmdsl.lower.clamping import HeldError
from ebmdsl.lower.elimination import Asked
from ebmdsl.lower.predicting import Prediction, widened
from ebmdsl.runtime.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.expr.node import Node
    from ebmdsl.lower.module import EnergyModule
    from ebmdsl.lower.predicting import Answers
    from ebmdsl.plan.plan import Eliminate
    from ebmdsl.runtime.samples import Samples

    Values = Mapping[str, Tensor]


@final
class Predictor:
    """Every `predict` of a model at work; the same question is answered once."""

    def __init__(self, module: EnergyModule) -> None:
        self.plan, self._module = module.plan, module
        self._known: dict[tuple[object, ...], Answers] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Name the observed variables that can be found."""
        return tuple(name for step in self.plan.predictions for name in step.wanted)

    def masks(self, name: str) -> tuple[Node, ...]:
        """List the masks under which reports fill a variable."""
        measures = (*self.plan.model.reports, *self.plan.model.expects)
        nodes = {each: None for measure in measures for each in walk(measure.node)}
        return tuple(each.args[1] for each in nodes if _fills(each, name))

    def answers(self, samples: Samples, unknown: Values, *, tol: float) -> Answers:
        """Find the entries that `unknown` marks; its variables are found by one statement.

        A mask that is one number is meant for all entries. Raises RunError where no statement
        finds these variables, or not these entries of them.
        """
        step = self._step(tuple(unknown))
        whole = {
            name: self._whole(samples, name, mask=unknown.get(name)) for name in step.wanted
        }
        bits = (x.numpy().tobytes() for x in whole.values())
        key = (id(samples), tol, *step.wanted, *bits)
        if key not in self._known:
            self._known[key] = self._found(step, samples, unknown=whole, tol=tol)
        return self._known[key]

    def _found(
        self, step: Eliminate, samples: Samples, *, unknown: Values, tol: float
    ) -> Answers:
        prediction = Prediction(step, self._wide)
        try:
            return prediction.find(samples.variables, unknown, asked=Asked(tol))
        except HeldError as error:
            names = ", ".join(f"`{name}`" for name in step.wanted)
            raise RunError(f"{names} cannot be found entry by entry: {error}") from None

    @cached_property
    def _wide(self) -> EnergyModule:
        return widened(self._module)

    def _step(self, names: tuple[str, ...]) -> Eliminate:
        for step in self.plan.predictions:
            if {*names} <= {*step.wanted}:
                return step
        listed = ", ".join(names)
        known = [", ".join(step.wanted) for step in self.plan.predictions]
        has = f"it says how to find {' and '.join(known)}" if known else "it has no `predict`"
        raise RunError(f"the model does not say how to find {listed} together; {has}")

    def _whole(self, samples: Samples, name: str, *, mask: Tensor | None) -> Tensor:
        like = samples.variables[name]
        if mask is None:
            return torch.zeros(like.shape, dtype=torch.bool)
        return mask.expand(like.shape).contiguous()


def _fills(node: Node, name: str) -> bool:
    if node.op is not Op.POINT or node.data != ("where",):
        return False
    inner = node.args[0]
    return inner.op is Op.VARIABLE and inner.data.name == f"fill({name})"
