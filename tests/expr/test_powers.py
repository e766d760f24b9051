"""What is proved of a power depends on where its base lies."""

from __future__ import annotations

from math import inf

import pytest

from ebmdsl.concepts.facts import Curvature, Monotone, Smoothness, identity
from ebmdsl.expr.powers import power

UP, DOWN, BOTH = Monotone.INCREASING, Monotone.DECREASING, Monotone.NEITHER


@pytest.mark.parametrize(
    ("exponent", "low", "degree", "curvature", "smoothness", "monotone"),
    [
        (2, -inf, 2, Curvature.CONVEX, Smoothness.ANALYTIC, BOTH),
        (2, 0, 2, Curvature.CONVEX, Smoothness.ANALYTIC, UP),
        (3, -inf, 3, Curvature.UNKNOWN, Smoothness.ANALYTIC, UP),
        (3, 0, 3, Curvature.CONVEX, Smoothness.ANALYTIC, UP),
        (-1, 0.5, None, Curvature.CONVEX, Smoothness.ANALYTIC, DOWN),
        (-1, 0, None, Curvature.CONVEX, Smoothness.STEP, DOWN),
        (0.5, 0, None, Curvature.CONCAVE, Smoothness.C0, UP),
        (0.5, 1, None, Curvature.CONCAVE, Smoothness.ANALYTIC, UP),
        (0.5, -inf, None, Curvature.UNKNOWN, Smoothness.STEP, BOTH),
        (1.5, 0, None, Curvature.CONVEX, Smoothness.C1, UP),
        (2.5, 0, None, Curvature.CONVEX, Smoothness.C2, UP),
    ],
)
def test_a_power(
    exponent: float,
    low: float,
    *,
    degree: int | None,
    curvature: Curvature,
    smoothness: Smoothness,
    monotone: Monotone,
) -> None:
    facts = power(exponent, identity(low=low))
    assert facts.degree == degree
    assert (facts.curvature, facts.smoothness, facts.monotone) == (
        curvature,
        smoothness,
        monotone,
    )
    assert facts.low == (0 if low >= 0 or exponent == 2 else -inf)
