"""Values that a used model gives at samples: `dict(y).z`, found there and constant here."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, cast

from ebmdsl.expr.node import Node, Op, quantities, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ebmdsl.check.model import Model

FIXED = ("given", "observed")


def is_outside(node: Node) -> bool:
    """Tell whether a node is what a used model gives at a sample."""
    inner = node.args[0] if node.op is Op.POINT else node
    return node.op is Op.POINT and inner.op is Op.VARIABLE and inner.data.role == "constant"


def asked_by(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """List what expressions ask of used models, each once."""
    every = (piece for node in nodes for piece in walk(node))
    return tuple(dict.fromkeys(piece for piece in every if is_outside(piece)))


def asked_in(model: Model) -> tuple[Node, ...]:
    """List what a model asks of used ones: in its energy, losses, inference and reports."""
    return asked_by(_expressions(model))


def fields_by(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """List the fields of data, as `digs.label`, that expressions depend on, each once."""
    every = (piece for node in nodes for piece in walk(node) if piece.op is Op.VARIABLE)
    return tuple(
        dict.fromkeys(x for x in every if x.data.role == "given" and "." in x.data.name)
    )


def fields_in(model: Model) -> tuple[Node, ...]:
    """List the fields of data that a model depends on in its energy, losses and inference."""
    return fields_by(_expressions(model))


def inputs_by(nodes: Iterable[Node]) -> dict[str, Node]:
    """Return what expressions are handed for each sample beside declared variables, by name."""
    nodes = tuple(nodes)
    asked = {each.key: each for each in asked_by(nodes)}
    return asked | {each.data.name: each for each in fields_by(nodes)}


def inputs_in(model: Model) -> dict[str, Node]:
    """Return what a model is handed for each sample beside declared variables, by name."""
    return inputs_by(_expressions(model))


def statistics_in(model: Model) -> tuple[Node, ...]:
    """List the statistics of the training split that a model computes with, each once.

    Those of reports are over a split of their own, and those of initial values pass.
    """
    nodes = [each.node for each in (*model.terms, *model.blocks)]
    nodes += [node for each in (*model.trains, *model.infers) for node in _nodes(each)]
    for declared in model.declared:
        parts = (declared.memory, declared.drawn)
        nodes += [node for part in parts for node in (*_nodes(part), *_options(part))]
        nodes += _options(declared.law)
    every = (piece for node in nodes for piece in walk(node) if piece.op is Op.SPLIT)
    return tuple(dict.fromkeys(every))


def _options(part: Any) -> list[Node]:
    """List the expressions among the options of a law, a state or a contrastive point."""
    options = () if part is None else part.options
    held = (each[1] if isinstance(each, tuple) else each for each in options)
    return [each for each in held if isinstance(each, Node)]


def answerable(node: Node) -> bool:
    """Tell whether a used model is asked at data only, which is the same in every step."""
    asked = (quantity for each in node.args[1:] for quantity in quantities(each))
    nets = any(piece.op is Op.APPLY for each in node.args[1:] for piece in walk(each))
    return not nets and all(quantity.role in FIXED for quantity in asked)


def _expressions(model: Model) -> list[Node]:
    """List all that a model computes."""
    parts = (*model.terms, *model.blocks, *model.reports, *model.expects)
    nodes = [each.node for each in parts]
    nodes += [node for each in (*model.trains, *model.infers) for node in _nodes(each)]
    return nodes + [node for each in model.declared for node in _nodes(each.memory)]


def _nodes(part: Any) -> Iterator[Node]:
    """List the expressions that a record holds."""
    if not is_dataclass(part):
        return
    held = (getattr(part, each.name) for each in fields(cast("Any", part)))
    yield from (each for each in held if isinstance(each, Node))
