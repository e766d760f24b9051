"""Facts of values that are joined: side by side, multiplied and added up, or differentiated."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from ebmdsl.concepts.facts import (
    Block,
    Curvature,
    Facts,
    Lag,
    Monotone,
    Smoothness,
    add,
    multiply,
    negate,
)


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


def mapped(inner: Facts, bounds: Facts, *, names: frozenset[str]) -> Facts:
    """Return the facts of a fixed matrix times something that moves."""
    turned = negate(inner) if bounds.nonpos else inner
    signed = bounds.nonneg or bounds.nonpos
    return Facts(
        degree=inner.degree,
        leading=inner.leading | names,
        curvature=turned.curvature if inner.affine or signed else Curvature.UNKNOWN,
        smoothness=inner.smoothness,
        block=Block.FULL,
        monotone=turned.monotone if signed else Monotone.NEITHER,
        lags=inner.lags,
        low=0 if signed and turned.nonneg else -inf,
        high=0 if signed and turned.nonpos else inf,
    )


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
