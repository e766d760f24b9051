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


@pytest.mark.parametrize(
    ("exponent", "inside", "outside"),
    [
        (2, (-3.0, 2.0), (0.0, 9.0)),
        (2, (-3.0, -2.0), (4.0, 9.0)),
        (2, (-inf, inf), (0.0, inf)),
        (0.5, (4.0, inf), (2.0, inf)),
        (-1, (0.5, 4.0), (0.25, 2.0)),
        (-1, (0.0, inf), (0.0, inf)),
        (-2, (-1.0, 2.0), (0.25, inf)),
        (3, (-1.0, 1.0), (-inf, inf)),
        (3, (1.0, 2.0), (1.0, 8.0)),
        (400, (0.0, 10.0), (0.0, inf)),
    ],
)
def test_a_power_lies_between_the_powers_of_the_ends(
    exponent: float, inside: tuple[float, float], outside: tuple[float, float]
) -> None:
    facts = power(exponent, identity(low=inside[0], high=inside[1]))
    assert (facts.low, facts.high) == outside
