"""The phase `plan`: a model and its graph -> Plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.expr.build import add, const
from ebmdsl.graph.build import build
from ebmdsl.plan.eliminate import eliminate
from ebmdsl.plan.modes import modes
from ebmdsl.plan.plan import Plan
from ebmdsl.plan.predict import predict
from ebmdsl.plan.updates import update
from ebmdsl.plan.volume import volume

if TYPE_CHECKING:
    from ebmdsl.check.model import Infer, Model
    from ebmdsl.graph.factor_graph import FactorGraph
    from ebmdsl.source.diagnostic import Diagnostics


def plan(model: Model, graph: FactorGraph, *, found: Diagnostics) -> Plan | None:
    """Return the plan of a model, or None when something has no method."""
    energy = add(const(0), *(term.node for term in model.energy))
    steps = [
        eliminate(model, infer, energy=energy, found=found) for infer in _grouped(model.infers)
    ]
    eliminations = tuple(step for step in steps if step is not None)
    asked = [infer for infer in model.infers if infer.kind == "predict"]
    answers = [
        predict(model, infer, energy=energy, steps=eliminations, found=found) for infer in asked
    ]
    updates = [
        update(model, train, energy=energy, eliminations=eliminations, found=found)
        for train in model.trains
        if len(eliminations) == len(steps)
    ]
    limits = volume(model, energy, eliminations=eliminations)
    stages = [(s.name, plan(s.model, build(s.model), found=found)) for s in model.stages]
    if not found.ok:
        return None
    return Plan(
        model,
        graph,
        energy,
        eliminations,
        updates=tuple(each for each in updates if each is not None),
        volume=limits,
        predictions=tuple(each for each in answers if each is not None),
        stages=tuple((name, each) for name, each in stages if each is not None),
        modes=modes(model, energy=energy, steps=eliminations),
    )


def _grouped(infers: tuple[Infer, ...]) -> tuple[Infer, ...]:
    """Join neighbouring minimizations of the whole energy: their nesting is one minimum."""
    groups: list[Infer] = []
    for infer in infers:
        if infer.kind == "predict":
            continue
        if groups and _joins(groups[-1]) and _joins(infer):
            groups[-1] = replace(groups[-1], names=(*groups[-1].names, *infer.names))
        else:
            groups.append(infer)
    return tuple(groups)


def _joins(infer: Infer) -> bool:
    plain = infer.solver is None and infer.start is None and infer.terms is None
    return infer.ring == "minimize" and plain and not infer.gradient
