"""Values of a used model: constants, what it makes of a sample, its parts as functions."""

from __future__ import annotations

import pytest

from ebmdsl.check.check import check
from ebmdsl.check.model import Model, Used
from ebmdsl.expr.node import Node, Op
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.mistake import Mistake
from ebmdsl.source.text import Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.parse import parse
from tests.check.programs import checked

DICT = """model coder(k = 8)
data digs = digits()
observed y : real[64] from digs.image
latent z : real[k]
param W : real[64, k]
net enc = linear(k)
encoder zhat = enc(y)
cost e = sq(y - W @ z) + sq(z - zhat)
infer z by minimize
"""
HEAD = """model m
use "dict.ebm" as dict
data digs = digits()
observed y : real[64] from digs.image
param m : real[8]
"""


def read(line: str) -> tuple[Model | None, list[tuple[str, int, int]]]:
    def bring(use: ast.Use, settings: dict[str, object]) -> Used | tuple[Mistake, ...]:
        model = checked(DICT, **settings)
        return Used(use.name.text, "dict.ebm", (), model, use.name.span)

    file, _ = parse(Source("program.ebm", HEAD + line + "\n"))
    assert file is not None
    found = Diagnostics()
    model = check(file, found, bring=bring)
    return model, [(each.id, each.span.line, each.span.column) for each in found.all]


def node(expr: str) -> Node:
    model, mistakes = read(f"cost e = sq({expr})")
    assert mistakes == []
    assert model is not None
    return model.terms[-1].node.args[0]


def test_a_parameter_is_a_constant() -> None:
    weights = node("dict.W")
    assert (weights.op, weights.shape) == (Op.VARIABLE, (64, 8))
    assert (weights.data.name, weights.data.role) == ("dict.W", "constant")
    assert not weights.per_sample


def test_a_latent_is_found_for_a_sample() -> None:
    code = node("dict(y).z")
    assert (code.op, code.data, code.shape) == (Op.POINT, ("dict.y",), (8,))
    assert code.names == {"dict.z", "y"}
    assert code is node("dict(y = y).z")
    assert code is node("dict.z(y)")
    assert code is node("y |> dict.z")


def test_energies_are_numbers() -> None:
    assert node("dict(2 * y).F * m").args[0].op in (Op.POINT, Op.VARIABLE, Op.MULTIPLY)


def test_a_net_is_frozen() -> None:
    applied = node("dict.enc(y)")
    assert (applied.op, applied.data.name, applied.data.learned) == (
        Op.APPLY,
        "dict.enc",
        False,
    )
    assert applied.names == {"dict.enc", "y"}


@pytest.mark.parametrize(
    ("expr", "id", "column"),
    [
        ("dict", "wrong-role", 13),
        ("dict.z", "wrong-arguments", 13),
        ("dict.q", "unknown-name", 18),
        ("dict(y)", "wrong-arguments", 13),
        ("dict(m).z", "shape-mismatch", 18),
        ("dict(q = y).z", "unknown-name", 22),
        ("dict.enc(m)", "shape-mismatch", 13),
        ("dict(y).enc", "wrong-arguments", 13),
    ],
)
def test_what_a_used_model_does_not_have(expr: str, id: str, column: int) -> None:
    assert read(f"cost e = sq({expr})")[1] == [(id, 6, column)]
