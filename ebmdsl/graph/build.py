"""The phase `build`: Model -> FactorGraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

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

if TYPE_CHECKING:
    from ebmdsl.check import model as checked
    from ebmdsl.check.model import Model


def build(model: Model) -> FactorGraph:
    """Return the factor graph of a model; a term that was set to 0 is gone."""
    found = {name: _found(infer) for infer in model.infers for name in infer.names}
    return FactorGraph(
        model.name,
        tuple(_variable(each, found.get(each.name, "")) for each in model.declared),
        tuple(_net(each) for each in model.nets) + tuple(_block(b) for b in model.blocks),
        tuple(_factor(each) for each in model.terms if each.node.names),
    )


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
    text = " |> ".join(layer.word for layer in net.layers)
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
