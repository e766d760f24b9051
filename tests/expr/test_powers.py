"""What is said of a power holds for numbers in the range of its base."""

from __future__ import annotations

from itertools import pairwise
from math import inf

import pytest

from ebmdsl.concepts.facts import Curvature, Facts, Monotone, Smoothness, identity
from ebmdsl.expr.powers import power

RANGES = {
    "real": (identity(), [-3.0, -1.5, -0.2, 0.4, 1.0, 2.5]),
    "nonneg": (Facts(low=0), [0.1, 0.4, 1.0, 2.5, 7.0]),
    "positive": (Facts(low=0.1), [0.1, 0.4, 1.0, 2.5, 7.0]),
}


@pytest.mark.parametrize("exponent", [-2, -1, -0.5, 0.5, 1, 1.5, 2, 3, 4])
@pytest.mark.parametrize("name", RANGES)
def test_curvature_and_direction_hold_for_numbers(name: str, exponent: float) -> None:
    base, points = RANGES[name]
    if exponent != int(exponent) and min(points) < 0:
        points = [x for x in points if x > 0]
    facts = power(exponent, base)
    for a, b in pairwise(points):
        chord = (a**exponent + b**exponent) / 2 - ((a + b) / 2) ** exponent
        assert not (facts.curvature is Curvature.CONVEX and chord < -1e-12)
        assert not (facts.curvature is Curvature.CONCAVE and chord > 1e-12)
        rise = b**exponent - a**exponent
        assert not (facts.monotone is Monotone.INCREASING and rise < 0)
        assert not (facts.monotone is Monotone.DECREASING and rise > 0)
    assert facts.low <= min(x**exponent for x in points)


@pytest.mark.parametrize(
    ("exponent", "low", "smoothness"),
    [
        (2, -inf, Smoothness.ANALYTIC),
        (0.5, 0, Smoothness.C0),
        (1.5, 0, Smoothness.C1),
        (0.5, 0.1, Smoothness.ANALYTIC),
        (-1, 0, Smoothness.STEP),
        (0.5, -inf, Smoothness.STEP),
    ],
)
def test_smoothness_ends_where_a_derivative_does(
    exponent: float, low: float, smoothness: Smoothness
) -> None:
    assert power(exponent, Facts(low=low)).smoothness is smoothness


def test_only_whole_powers_are_polynomials() -> None:
    degrees = [power(each, identity()).degree for each in (1, 2, 3, 0.5, -1)]
    assert degrees == [1, 2, 3, None, None]
