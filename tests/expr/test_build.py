"""Normal form changes how an expression is written, never what it is worth."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from ebmdsl.expr import build
from ebmdsl.expr.build import ShapeError
from ebmdsl.expr.calls import call, product, word
from tests.expr.expressions import Growth, drawn, leaf, value

z, u, y, a = leaf("z"), leaf("u"), leaf("y"), leaf("a")
A, W = leaf("A"), leaf("W")


@pytest.mark.parametrize("seed", range(0, 800, 20))
def test_normal_form_keeps_values(seed: int) -> None:
    for each in range(seed, seed + 20):
        pair = Growth(each).scalar(4)
        values = drawn(torch.Generator().manual_seed(each))
        wanted = pair.naive(values)
        if not torch.isfinite(wanted) or wanted.abs() > 1e12:
            continue
        torch.testing.assert_close(
            value(pair.node, values).reshape(()), wanted, rtol=1e-8, atol=1e-8, msg=f"{each}"
        )


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (build.add(z, u), build.add(u, z)),
        (build.add(z, z), build.scaled(2, z)),
        (build.subtract(z, z), build.const(0, z.shape)),
        (build.multiply(z, u, z), build.multiply(build.power(z, 2), u)),
        (build.scaled(2, build.add(z, u)), build.add(build.scaled(2, z), build.add(u, u))),
        (build.transpose(build.transpose(A)), A),
        (
            build.transpose(build.matmul(A, W)),
            build.matmul(build.transpose(W), build.transpose(A)),
        ),
        (product(z, A), product(build.transpose(A), z)),
        (
            build.matmul(A, build.add(z, u)),
            build.add(build.matmul(A, z), build.matmul(A, u)),
        ),
        (
            build.matmul(build.add(A, W), z),
            build.add(build.matmul(A, z), build.matmul(W, z)),
        ),
        (
            build.matmul(build.add(A, W), build.add(z, u)),
            build.add(*(build.matmul(m, v) for v in (z, u) for m in (W, A))),
        ),
        (build.matmul(build.matmul(A, W), z), build.matmul(A, build.matmul(W, z))),
        (build.matmul(A, build.multiply(a, z)), build.multiply(a, build.matmul(A, z))),
        (
            build.subtract(build.matmul(A, build.subtract(z, u)), build.matmul(A, z)),
            build.negative(build.matmul(A, u)),
        ),
        (
            build.multiply(a, build.add(call(word("sq"), z), a)),
            build.add(build.multiply(a, call(word("sq"), z)), build.power(a, 2)),
        ),
        (build.divide(z, build.const(4)), build.scaled(0.25, z)),
        (
            build.add(build.scaled(0.1, z), build.scaled(0.2, z)),
            build.scaled(0.3, z),
        ),
    ],
)
def test_equal_energies_are_the_same_node(left: build.Node, right: build.Node) -> None:
    assert left is right


def test_a_value_spread_over_a_shape_keeps_it() -> None:
    spread = build.multiply(build.const(2, (3,)), a)
    assert spread.shape == (3,)
    assert build.scaled(3, spread).shape == (3,)
    assert build.coefficient(spread) == (2, build.multiply(build.const(1, (3,)), a))


def test_what_times_zero_is_gone() -> None:
    assert build.is_const(build.scaled(0, build.add(z, u)), 0)
    assert build.is_const(build.matmul(A, build.subtract(z, z)), 0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: build.divide(z, build.const(0)),
        lambda: build.power(build.const(-2), 0.5),
        lambda: build.power(build.const(0), -1),
        lambda: build.power(build.const(1e200), 9),
    ],
)
def test_numbers_that_do_not_exist_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(build.UndefinedError, match="is no number"):
        make()


def test_shapes_that_cannot_meet_say_why() -> None:
    with pytest.raises(ShapeError, match=r"\[3\] cannot meet \[3, 3\]"):
        build.add(z, A)
    with pytest.raises(ShapeError, match="`@` joins vectors and matrices"):
        build.matmul(A, a)
    wide = build.variable(leaf("A").data, (2, 4))
    with pytest.raises(ShapeError, match=r"the inner sizes \[4\] and \[3\] differ"):
        build.matmul(wide, z)
