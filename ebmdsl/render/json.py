"""A factor graph as JSON, with a version that programs can rely on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ebmdsl.render.formula import formula
from ebmdsl.source.text import NOWHERE

if TYPE_CHECKING:
    from ebmdsl.expr.node import Plate
    from ebmdsl.graph.factor_graph import Block, Factor, FactorGraph, Goal, Link, Variable
    from ebmdsl.source.text import Span

FORMAT_VERSION = "1.2"
Json = dict[str, Any]


def graph_json(graph: FactorGraph) -> str:
    """Write a factor graph as JSON; a minor version adds fields, a major one changes them."""
    fields = {
        "format_version": FORMAT_VERSION,
        "name": graph.name,
        "energy": [term.id for term in graph.energy],
        "variables": [_variable(each) for each in graph.variables],
        "blocks": [_block(each) for each in graph.blocks],
        "factors": [_factor(each) for each in graph.factors],
        "links": [_link(each) for each in graph.links],
        "players": [list(names) for names in graph.players],
        "goals": [_goal(each) for each in graph.goals],
        "stages": dict(graph.stages),
        "measured": list(graph.measured),
    }
    return json.dumps(fields, ensure_ascii=False, indent=2) + "\n"


def _variable(variable: Variable) -> Json:
    return {
        "id": variable.id,
        "role": variable.role,
        "domain": variable.domain.name,
        "shape": list(variable.shape),
        "plates": _plates(variable.plates),
        "found": variable.found,
        "constraints": list(variable.constraints),
        "at": _place(variable.span),
    }


def _block(block: Block) -> Json:
    return {
        "id": block.id,
        "role": block.role,
        "inputs": list(block.inputs),
        "text": block.text,
        "formula": formula(block.text),
        "random": block.random,
        "shape": list(block.shape),
        "plates": _plates(block.plates),
        "at": _place(block.span),
    }


def _factor(factor: Factor) -> Json:
    return {
        "id": factor.id,
        "kind": factor.kind,
        "inputs": list(factor.inputs),
        "scope": sorted(factor.scope),
        "text": factor.text,
        "formula": formula(factor.text),
        "plates": _plates(factor.plates),
        "at": _place(factor.span),
    }


def _link(link: Link) -> Json:
    return {"source": link.source, "target": link.target, "kind": link.kind}


def _goal(goal: Goal) -> Json:
    return {
        "id": goal.id,
        "inputs": list(goal.inputs),
        "text": goal.text,
        "formula": formula(goal.text),
        "players": list(goal.players),
        "at": _place(goal.span),
    }


def _plates(plates: tuple[Plate, ...]) -> list[Json]:
    return [{"index": each.index, "low": each.low, "size": each.size} for each in plates]


def _place(span: Span) -> Json | None:
    if span == NOWHERE:
        return None
    return {"file": span.source.name, "line": span.line, "column": span.column}
