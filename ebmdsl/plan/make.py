"""The phase `plan`: a model and its graph -> Plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.expr.build import add, const
from ebmdsl.graph.build import build
from ebmdsl.plan.kernels import walks
from ebmdsl.plan.modes import modes
from ebmdsl.plan.nesting import nest
from ebmdsl.plan.openings import openings
from ebmdsl.plan.partition import partition
from ebmdsl.plan.plan import Plan
from ebmdsl.plan.predict import predict
from ebmdsl.plan.updates import update
from ebmdsl.plan.volume import volume

if TYPE_CHECKING:
    from ebmdsl.check.model import Model
    from ebmdsl.graph.factor_graph import FactorGraph
    from ebmdsl.source.diagnostic import Diagnostics


def plan(model: Model, graph: FactorGraph, *, found: Diagnostics) -> Plan | None:
    """Return the plan of a model, or None when something has no method."""
    energy = add(const(0), *(term.node for term in model.energy))
    nested = nest(model, energy=energy, found=found)
    eliminations = nested.steps
    asked = [infer for infer in model.infers if infer.kind == "predict"]
    answers = [
        predict(model, infer, energy=energy, steps=eliminations, found=found) for infer in asked
    ]
    updates = [
        update(model, train, energy=energy, eliminations=eliminations, found=found)
        for train in model.trains
        if nested.whole
    ]
    limits = volume(model, energy, eliminations=eliminations)
    chains = walks(model, energy, steps=eliminations, found=found) if nested.whole else ()
    opened = [(names, plan(each, build(each), found=found)) for names, each in openings(model)]
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
        stages=tuple((n, replace(p, staged=True)) for n, p in stages if p is not None),
        openings=tuple((names, each) for names, each in opened if each is not None),
        staged=bool(stages),
        modes=modes(model, energy=energy, steps=eliminations),
        partition=partition(model, energy=energy),
        chains=chains,
    )
