"""Facts of values that are joined: side by side, multiplied and added up, or differentiated."""

from __future__ import annotations

from dataclasses import replace

from ebmdsl.concepts.facts import Block, Curvature, Facts, Lag, Smoothness, add, multiply


def beside(left: Facts, right: Facts) -> Facts:
    """Return what holds of two values in a row."""
    joined = add(left, right)
    low, high = min(left.low, right.low), max(left.high, right.high)
    return replace(joined, low=low, high=high)


def several(outer: list[Facts], inner: list[Facts]) -> Facts:
    """Return what is left where nothing is known of all arguments together."""
    return Facts(
        smoothness=min(each.smoothness for each in (*outer, *inner)),
        lags=frozenset[Lag]().union(*(each.lags for each in inner)),
        low=max(each.low for each in outer),
        high=min(each.high for each in outer),
    )


def contracted(left: Facts, right: Facts, *, block: Block, count: int) -> Facts:
    """Return the facts of a sum of `count` products."""
    whole = multiply(left, right, block=block)
    low, high = (count * end if end else 0.0 for end in (whole.low, whole.high))
    return replace(whole, low=low, high=high)


def outside(declared: Facts, *, polynomial: bool) -> Facts:
    """Keep what still holds outside; only what is a polynomial there has a value at all."""
    if not polynomial:
        return Facts(smoothness=Smoothness.STEP, block=declared.block)
    linear = declared.affine
    return Facts(
        degree=declared.degree,
        curvature=Curvature.AFFINE if linear else Curvature.UNKNOWN,
        smoothness=declared.smoothness,
        block=declared.block,
    )


def once_less(smooth: Smoothness) -> Smoothness:
    """Return the smoothness of the derivative."""
    return smooth if smooth is Smoothness.ANALYTIC else Smoothness(max(smooth - 1, 0))
