"""A program in which nodes have no cause any more: their values are given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ebmdsl.check.check import check
from ebmdsl.check.domains import domain_of
from ebmdsl.concepts.shape import show
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.text import Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.parse import parse

if TYPE_CHECKING:
    from ebmdsl.check.model import Block, Model, Used

TRAINING = (ast.Train, ast.Negative, ast.Report, ast.Expect, ast.Plot, ast.Stage)


def opened(model: Model, names: frozenset[str]) -> Model | None:
    """Return the energy of a model as it is where these nodes are replaced.

    Each of them is a `given` variable, and what it was made of is another node. What is about
    training and reports is left out. None where the program cannot be read so.
    """
    found = Diagnostics()
    blocks = {each.name: each for each in model.blocks if each.name in names}
    kept: list[ast.Statement] = []
    for each in model.file.statements:
        if isinstance(each, ast.Node) and each.name.text in blocks:
            kept.append(replace(each, name=replace(each.name, text=f"{each.name.text} here")))
            kept.append(_given(blocks[each.name.text]))
        elif not _is_of_training(each):
            kept.append(each)
    file = replace(model.file, statements=tuple(kept))
    values: dict[str, Any] = {hyper.name: hyper.value for hyper in model.hypers}

    def bring(use: ast.Use, settings: dict[str, Any]) -> Used:
        del settings
        return next(each for each in model.used if each.name == use.name.text)

    return check(file, found, overrides=values, bring=bring)


def _is_of_training(statement: ast.Statement) -> bool:
    """Tell whether a statement says nothing about the energy."""
    if isinstance(statement, ast.Term):
        return statement.kind == "loss"
    if isinstance(statement, ast.Infer):
        return statement.kind == "predict"
    return isinstance(statement, TRAINING)


def _given(block: Block) -> ast.Variable:
    """Write the declaration of a node's value as it is given."""
    node = block.node
    ranges = (f"{p.index} in {p.low}..{p.low + p.size - 1}" for p in node.plates)
    plates = ", ".join(ranges)
    over = f"[{plates}]" if plates else ""
    domain = domain_of(node)
    kind = f"token[{domain.size}]" if domain.name == "token" else f"{domain.name}{_of(block)}"
    text = f"model opened\ngiven {block.name}{over} : {kind}\n"
    file, _ = parse(Source("a node that is given", text))
    assert file is not None
    (statement,) = file.statements
    assert isinstance(statement, ast.Variable)
    return statement


def _of(block: Block) -> str:
    return show(block.node.shape) if block.node.shape else ""
