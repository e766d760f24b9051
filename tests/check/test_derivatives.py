"""Derivatives: of values and of functions, by variables and by nodes."""

from __future__ import annotations

import pytest

from ebmdsl.expr.node import Derivative, Op, walk
from tests.check.programs import said, term

HEAD = """model m
observed y : real[4]
observed x[t in 1..3] : real[2]
latent z : real[3]
param W : real[4, 3]
net enc = linear(3)
encoder zhat = enc(y)
random v : spin[4]
cost recon = sq(y - W @ z) + sq(x) + sq(zhat)
infer z by minimize
"""


@pytest.mark.parametrize(
    ("expr", "shape", "names"),
    [
        ("grad(E, y)", (4,), {"y"}),
        ("grad(E, W)", (4, 3), {"W"}),
        ("grad(F, x)", (3, 2), {"x"}),
        ("laplacian(E, z)", (), {"z"}),
        ("jvp(grad(E, y), y, v)", (4,), {"y"}),
        ("jvp(zhat, y, v)", (3,), {"y"}),
        ("jacobian_norm(enc, y)", (), {"y"}),
        ("jacobian_norm(zhat, y)", (), {"y"}),
        ("grad(u -> sq(u), y)", (4,), {"y"}),
    ],
)
def test_a_derivative_has_the_shape_of_its_kind(
    expr: str, shape: tuple[int, ...], names: set[str]
) -> None:
    node = term(HEAD + f"loss e = sq({expr})\n").node
    found = [each for each in walk(node) if each.op is Op.GRADIENT]
    assert (found[-1].shape, set(found[-1].data.names)) == (shape, names)
    assert names <= found[-1].names


def test_a_function_may_be_named_or_applied() -> None:
    one = term(HEAD + "loss e = jacobian_norm(enc, y)\n").node
    assert one is term(HEAD + "loss e = jacobian_norm(enc(y), y)\n").node
    assert one.data == Derivative("jacobian_norm", frozenset({"y"}))


def test_a_node_may_be_what_is_moved() -> None:
    node = term(HEAD + "loss e = sq(grad(recon, zhat))\n").node.args[0]
    assert (node.op, node.data) == (Op.POINT, ("zhat",))
    assert node.args[0].data == Derivative("grad", frozenset({"zhat"}))
    assert node.args[1] is term(HEAD + "loss e = sq(zhat)\n").node.args[0]


def test_a_function_at_a_computed_value_is_at_a_point() -> None:
    node = term(HEAD + "loss e = jacobian_norm(enc, 2 * y)\n").node
    assert (node.op, node.args[0].op) == (Op.POINT, Op.GRADIENT)
    assert node.names == {"enc", "y"}


@pytest.mark.parametrize(
    ("expr", "id", "column"),
    [
        ("grad(E)", "wrong-arguments", 13),
        ("grad(E, 2 * y)", "wrong-arguments", 21),
        ("grad(zhat, y)", "shape-mismatch", 13),
        ("jvp(E, y, z)", "shape-mismatch", 13),
        ("grad(E, F)", "wrong-arguments", 21),
    ],
)
def test_what_has_no_derivative(expr: str, id: str, column: int) -> None:
    assert said(HEAD + f"loss e = sq({expr})\n") == [(id, 11, column)]
