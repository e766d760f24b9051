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
from ebmdsl.graph.goals import goals, only_measured
from ebmdsl.graph.links import links
from ebmdsl.graph.stages import joined
from ebmdsl.graph.uses import Reader
from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeAlias

    from ebmdsl.check import model as checked
    from ebmdsl.check.model import Model
    from ebmdsl.graph.uses import Uses

    Inputs: TypeAlias = Mapping[str, tuple[str, ...]]


def build(model: Model) -> FactorGraph:
    """Return the factor graph of a model; a term that was set to 0 is gone.

    What only a stage declares is part of it, too.
    """
    whole = _alone(model)
    for stage in model.stages:
        whole = joined(whole, _alone(stage.model), stage=stage.name)
    return replace(whole, measured=only_measured(model, whole))


def _alone(model: Model) -> FactorGraph:
    found = {name: _found(infer) for infer in model.infers for name in infer.names}
    reader = Reader.of(model.file.statements)
    uses = {name: _drawn(reader.uses(expr), model) for name, expr in _written(model)}
    texts = {name: write(expr) for name, expr in _written(model)}
    blocks = tuple(_block(each, uses, texts=texts) for each in model.blocks)
    graph = FactorGraph(
        model.name,
        tuple(_variable(each, found.get(each.name, "")) for each in model.declared)
        + tuple(_used(each) for each in model.used),
        tuple(_net(each) for each in model.nets) + blocks,
        tuple(_factor(t, uses, texts=texts) for t in model.terms if t.node.names),
        players=tuple(train.names or _left_over(model) for train in model.trains),
    )
    graph = replace(graph, links=links(model, graph, reader=reader))
    return replace(graph, goals=goals(model, graph, reader=reader))


def _drawn(uses: Uses, model: Model) -> tuple[str, ...]:
    """List the names that stand for something in the graph, and not for a word or number."""
    known = {each.name for each in (*model.declared, *model.used, *model.nets, *model.blocks)}
    return tuple(name for name in uses.names if name in known)


def _written(model: Model) -> Iterator[tuple[str, ast.Expr]]:
    """Pair the nodes and terms of a program with what is written for them."""
    for each in model.file.statements:
        if isinstance(each, ast.Node | ast.Term):
            yield each.name.text, each.expr


def _left_over(model: Model) -> tuple[str, ...]:
    taken = {name for train in model.trains for name in train.names}
    return tuple(name for name in model.parameters if name not in taken)


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
    return Block(VarId(net.name), "net", _ids(net.made_of), text, net.output, span=net.span)


def _block(block: checked.Block, uses: Inputs, *, texts: Mapping[str, str]) -> Block:
    return Block(
        VarId(block.name),
        cast("BlockRole", block.role),
        _ids(block.inputs, uses.get(block.name, ())),
        texts.get(block.name, block.text),
        block.node.shape,
        plates=block.node.plates,
        random=block.random,
        span=block.span,
    )


def _factor(term: checked.Term, uses: Inputs, *, texts: Mapping[str, str]) -> Factor:
    return Factor(
        FactorId(term.name),
        term.kind,
        _ids(term.inputs, uses.get(term.name, ())),
        term.node,
        texts.get(term.name, term.text),
        plates=term.plates,
        span=term.span,
    )


def _ids(names: tuple[str, ...], more: tuple[str, ...] = ()) -> tuple[VarId, ...]:
    return tuple(VarId(name) for name in dict.fromkeys((*names, *more)))
