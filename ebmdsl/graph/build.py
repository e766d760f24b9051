"""The phase `build`: Model -> FactorGraph."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from ebmdsl.concepts.domain import REAL
from ebmdsl.graph.factor_graph import (
    Block,
    BlockRole,
    Factor,
    FactorGraph,
    FactorId,
    Variable,
    VariableRole,
    VarId,
)
from ebmdsl.graph.links import links

if TYPE_CHECKING:
    from ebmdsl.check import model as checked
    from ebmdsl.check.model import Model


def build(model: Model) -> FactorGraph:
    """Return the factor graph of a model; a term that was set to 0 is gone.

    What only a stage declares is part of it, too.
    """
    whole = _alone(model)
    for stage in model.stages:
        whole = _joined(whole, _alone(stage.model), stage=stage.name)
    return whole


def _alone(model: Model) -> FactorGraph:
    found = {name: _found(infer) for infer in model.infers for name in infer.names}
    graph = FactorGraph(
        model.name,
        tuple(_variable(each, found.get(each.name, "")) for each in model.declared)
        + tuple(_used(each) for each in model.used),
        tuple(_net(each) for each in model.nets) + tuple(_block(b) for b in model.blocks),
        tuple(_factor(each) for each in model.terms if each.node.names),
        players=tuple(train.names or _left_over(model) for train in model.trains),
    )
    return replace(graph, links=links(model, graph))


def _left_over(model: Model) -> tuple[str, ...]:
    taken = {name for train in model.trains for name in train.names}
    return tuple(name for name in model.parameters if name not in taken)


def _joined(whole: FactorGraph, part: FactorGraph, *, stage: str) -> FactorGraph:
    """Add to a graph what only one of its stages declares."""
    known = {each.id for each in (*whole.variables, *whole.blocks, *whole.factors)}
    variables = tuple(each for each in part.variables if each.id not in known)
    blocks = tuple(each for each in part.blocks if each.id not in known)
    factors = tuple(each for each in part.factors if each.id not in known)
    new = tuple(str(each.id) for each in (*variables, *blocks, *factors))
    return replace(
        whole,
        variables=(*whole.variables, *variables),
        blocks=(*whole.blocks, *blocks),
        factors=(*whole.factors, *factors),
        links=tuple(dict.fromkeys((*whole.links, *part.links))),
        stages=(*whole.stages, *((name, stage) for name in new)),
    )


def _used(used: checked.Used) -> Variable:
    return Variable(VarId(used.name), "used", REAL, (), found=used.path, span=used.span)


def _found(infer: checked.Infer) -> str:
    if infer.terms is not None:
        return f"{infer.ring}(…)"
    return infer.ring if infer.beta == 1 else f"{infer.ring}(beta = {infer.beta:g})"


def _variable(declared: checked.Declared, found: str) -> Variable:
    return Variable(
        VarId(declared.name),
        cast("VariableRole", declared.role),
        declared.quantity.domain,
        declared.shape,
        plates=declared.plates,
        found=found,
        constraints=tuple(each.word for each in declared.constraints),
        span=declared.span,
    )


def _net(net: checked.Net) -> Block:
    text = net.pipe.text()
    return Block(VarId(net.name), "net", (), text, net.output, span=net.span)


def _block(block: checked.Block) -> Block:
    return Block(
        VarId(block.name),
        cast("BlockRole", block.role),
        _ids(block.inputs),
        block.text,
        block.node.shape,
        plates=block.node.plates,
        random=block.random,
        span=block.span,
    )


def _factor(term: checked.Term) -> Factor:
    return Factor(
        FactorId(term.name),
        term.kind,
        _ids(term.inputs),
        term.node,
        term.text,
        plates=term.plates,
        span=term.span,
    )


def _ids(names: tuple[str, ...]) -> tuple[VarId, ...]:
    return tuple(VarId(name) for name in names)
