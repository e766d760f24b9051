"""The calculus of facts claims nothing that numbers contradict."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import pytest

from ebmdsl.concepts.facts import (
    Block,
    Curvature,
    Facts,
    Monotone,
    Smoothness,
    add,
    compose,
    constant,
    identity,
    multiply,
    negate,
    scale,
)

SQUARE = Facts(
    degree=2,
    curvature=Curvature.CONVEX,
    block=Block.SEPARABLE,
    low=0,
    smoothness=Smoothness.ANALYTIC,
)
ABS = Facts(curvature=Curvature.CONVEX, block=Block.SEPARABLE, low=0, smoothness=Smoothness.C0)
EXP = Facts(
    curvature=Curvature.CONVEX, block=Block.ELEMENTWISE, monotone=Monotone.INCREASING, low=0
)


def test_a_sum_is_as_smooth_as_its_roughest_part() -> None:
    found = add(SQUARE, ABS)
    assert found.convex
    assert found.smoothness is Smoothness.C0
    assert found.degree is None
    assert found.low == 0


def test_a_convex_and_a_concave_part_prove_nothing() -> None:
    assert add(SQUARE, negate(SQUARE)).curvature is Curvature.UNKNOWN
    assert add(SQUARE, identity()).curvature is Curvature.CONVEX


def test_the_sign_of_a_factor_turns_the_curvature() -> None:
    names = frozenset({"lam"})
    assert scale(SQUARE, constant(low=0), names=names).convex
    assert scale(SQUARE, constant(high=0), names=names).curvature is Curvature.CONCAVE
    assert scale(SQUARE, constant(), names=names).curvature is Curvature.UNKNOWN
    assert "lam" in scale(SQUARE, constant(low=0), names=names).leading


def test_degrees_add_in_products_and_multiply_in_compositions() -> None:
    assert multiply(identity(), identity(), block=Block.FULL).degree == 2
    assert compose(SQUARE, identity()).degree == 2
    assert compose(SQUARE, SQUARE).degree == 4
    assert compose(ABS, identity()).degree is None


def test_convexity_survives_an_affine_argument_and_a_rising_one() -> None:
    assert compose(ABS, identity()).convex
    assert compose(EXP, SQUARE).convex
    assert compose(EXP, negate(SQUARE)).curvature is Curvature.UNKNOWN


def test_a_composition_with_a_constant_is_constant() -> None:
    assert compose(ABS, constant(low=1, high=2)).constant


@pytest.mark.parametrize(
    ("left", "right"),
    [((-1, 2), (3, 4)), ((-2, -1), (-5, 7)), ((0, inf), (-1, 1)), ((0, 0), (0, inf))],
)
def test_bounds_of_products_hold_at_the_corners(
    left: tuple[float, float], right: tuple[float, float]
) -> None:
    found = multiply(
        Facts(low=left[0], high=left[1]), Facts(low=right[0], high=right[1]), block=Block.FULL
    )
    corners = [0 if 0 in (a, b) else a * b for a in left for b in right]
    assert found.low <= min(corners)
    assert found.high >= max(corners)


@pytest.mark.parametrize("turn", [negate, lambda each: negate(negate(negate(each)))])
def test_negation_mirrors_everything(turn: Callable[[Facts], Facts]) -> None:
    found = turn(EXP)
    assert found.curvature is Curvature.CONCAVE
    assert found.monotone is Monotone.DECREASING
    assert (found.low, found.high) == (-inf, 0)
