"""The facts of a power, which depend on where its base lies."""

from __future__ import annotations

from math import inf

from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone, Smoothness


def power(exponent: float, base: Facts) -> Facts:
    """Return the facts of x -> x^exponent on the range of the base."""
    whole = exponent == int(exponent) and exponent > 0
    even = exponent == int(exponent) and int(exponent) % 2 == 0
    low, high = _bounds(exponent, base, even=even)
    return Facts(
        degree=int(exponent) if whole else None,
        curvature=_curvature(exponent, base, even=even),
        smoothness=_smoothness(exponent, base, whole=whole),
        block=Block.ELEMENTWISE,
        monotone=_direction(exponent, base),
        low=low,
        high=high,
    )


def _bounds(exponent: float, base: Facts, *, even: bool) -> tuple[float, float]:
    """Bound the power by the powers of what bounds the base, where it moves one way."""
    if not even and not base.nonneg:
        return -inf, inf
    near, far = sorted((abs(base.low), abs(base.high)))
    if not base.nonneg and not base.nonpos:
        near = 0.0
    ends = _power(near, exponent), _power(far, exponent)
    return min(ends), max(ends)


def _power(value: float, exponent: float) -> float:
    try:
        return value**exponent
    except (ZeroDivisionError, OverflowError):
        return inf


def _smoothness(exponent: float, base: Facts, *, whole: bool) -> Smoothness:
    if whole or base.low > 0:
        return Smoothness.ANALYTIC
    if exponent < 0 or not base.nonneg:
        return Smoothness.STEP
    return Smoothness(min(int(exponent) + 1, Smoothness.C2))


def _curvature(exponent: float, base: Facts, *, even: bool) -> Curvature:
    if exponent == 1:
        return Curvature.AFFINE
    if (even and exponent > 0) or (base.nonneg and (exponent > 1 or exponent < 0)):
        return Curvature.CONVEX
    if base.nonneg and 0 < exponent < 1:
        return Curvature.CONCAVE
    return Curvature.UNKNOWN


def _direction(exponent: float, base: Facts) -> Monotone:
    odd = exponent == int(exponent) and int(exponent) % 2 == 1
    if base.nonneg:
        return Monotone.INCREASING if exponent > 0 else Monotone.DECREASING
    return Monotone.INCREASING if odd and exponent > 0 else Monotone.NEITHER
