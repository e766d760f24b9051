"""Graphs of stages become part of the graph of the whole program."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from ebmdsl.graph.factor_graph import (
    Block,
    Factor,
    FactorGraph,
    FactorId,
    Goal,
    Link,
    Variable,
    VarId,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T", Variable, Block, Factor)


def joined(whole: FactorGraph, part: FactorGraph, *, stage: str) -> FactorGraph:
    """Add to a graph what only one of its stages declares, or declares anew."""
    names = _renamed(whole, part, stage=stage)
    known = {each.id for each in (*whole.variables, *whole.blocks, *whole.factors)}
    variables = _new((replace(v, id=_id(v.id, names)) for v in part.variables), known)
    blocks = _new((_block(each, names) for each in part.blocks), known)
    factors = _new((_factor(each, names) for each in part.factors), known)
    goals = tuple(_goal(each, names, stage=stage) for each in part.goals)
    new = tuple(str(each.id) for each in (*variables, *blocks, *factors, *goals))
    links = tuple(_link(each, names) for each in part.links)
    return replace(
        whole,
        variables=(*whole.variables, *variables),
        blocks=(*whole.blocks, *blocks),
        factors=(*whole.factors, *factors),
        links=tuple(dict.fromkeys((*whole.links, *links))),
        stages=(*whole.stages, *((name, stage) for name in new)),
        goals=(*whole.goals, *goals),
        parts=(*whole.parts, (stage, part)),
    )


def _renamed(whole: FactorGraph, part: FactorGraph, *, stage: str) -> dict[str, str]:
    """Name anew what reads otherwise in a stage, and what depends on that."""
    old = {str(each.id): _read(each) for each in (*whole.variables, *whole.blocks)}
    old |= {str(each.id): _read(each) for each in whole.factors}
    names: dict[str, str] = {}
    for each in (*part.variables, *part.blocks, *part.factors):
        inputs = () if isinstance(each, Variable) else each.inputs
        changed = _read(each) != old.get(each.id, _read(each))
        if each.id in old and (changed or any(name in names for name in inputs)):
            names[each.id] = f"{each.id}@{stage}"
    return names


def _read(each: Variable | Block | Factor) -> tuple[object, ...]:
    """Return what must be the same for a thing to be drawn once."""
    match each:
        case Variable():
            return (each.role, each.domain.name, each.shape, each.plates)
        case Block():
            return (each.role, each.text)
        case Factor():
            return (each.kind, each.text)


def _new(parts: Iterable[T], known: set[VarId | FactorId]) -> tuple[T, ...]:
    return tuple(each for each in parts if each.id not in known)


def _id(name: VarId, names: Mapping[str, str]) -> VarId:
    return VarId(names.get(name, name))


def _ids(inputs: tuple[VarId, ...], names: Mapping[str, str]) -> tuple[VarId, ...]:
    return tuple(_id(name, names) for name in inputs)


def _block(block: Block, names: Mapping[str, str]) -> Block:
    return replace(block, id=_id(block.id, names), inputs=_ids(block.inputs, names))


def _factor(factor: Factor, names: Mapping[str, str]) -> Factor:
    name = FactorId(names.get(factor.id, factor.id))
    return replace(factor, id=name, inputs=_ids(factor.inputs, names))


def _goal(goal: Goal, names: Mapping[str, str], *, stage: str) -> Goal:
    inputs = _ids(goal.inputs, names)
    return replace(goal, id=FactorId(f"{goal.id}@{stage}"), inputs=inputs, players=())


def _link(link: Link, names: Mapping[str, str]) -> Link:
    return Link(_id(link.source, names), _id(link.target, names), link.kind)
