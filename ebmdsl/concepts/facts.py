"""Facts: what is proved about an expression as a function of a set of variables."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, IntEnum
from math import inf
from typing import final

from ebmdsl._record import record


class Curvature(Enum):
    """How a value bends as the variables move; `UNKNOWN` means not proved."""

    CONSTANT = "constant"
    AFFINE = "affine"
    CONVEX = "convex"
    CONCAVE = "concave"
    UNKNOWN = "unknown"


class Smoothness(IntEnum):
    """How many continuous derivatives are proved: C0 has kinks, STEP has jumps."""

    STEP = 0
    C0 = 1
    C1 = 2
    C2 = 3
    ANALYTIC = 4


class Block(IntEnum):
    """How entries of a value depend on entries of the variables, from tightest to loosest.

    `ELEMENTWISE`: an entry on the entries at one place; `SEPARABLE`: a sum of functions of
    one place each; `ROWS`: an entry, or an addend, on one first index of every variable;
    `GROUPED`: on some of the entries only; `FULL`: nothing is proved.
    """

    CONSTANT = 0
    ELEMENTWISE = 1
    SEPARABLE = 2
    ROWS = 3
    GROUPED = 4
    FULL = 5


class Monotone(Enum):
    """The direction in which a value moves with its argument."""

    INCREASING = 1
    DECREASING = -1
    NEITHER = 0


@final
@record
class Lag:
    """How far an index reaches: `x[t-1]` is offset -1 of `t`, `x[3]` is the place 3.

    `offset` is None where a whole sequence is read.
    """

    plate: str
    offset: int | None = 0
    fixed: bool = False


@final
@record
class Facts:
    """What is proved of a value as a function of some variables.

    `degree` is the polynomial degree, or a bound on it (None: not a polynomial); `leading`
    names what the coefficients of that degree depend on besides the variables themselves;
    `lags` are the places of a plate that are read; `low` and `high` bound the value. A
    function of the catalogue declares the same facts about itself as a function of its
    argument; one of degree 1 that only rises keeps signs: it is linear, without offset.
    """

    degree: int | None = None
    leading: frozenset[str] = frozenset()
    curvature: Curvature = Curvature.UNKNOWN
    smoothness: Smoothness = Smoothness.ANALYTIC
    block: Block = Block.FULL
    monotone: Monotone = Monotone.NEITHER
    lags: frozenset[Lag] = frozenset()
    low: float = -inf
    high: float = inf

    @property
    def convex(self) -> bool:
        """Whether the value is proved convex."""
        return self.curvature in _CONVEX

    @property
    def constant(self) -> bool:
        """Whether the value does not depend on the variables at all."""
        return self.degree == 0

    @property
    def affine(self) -> bool:
        """Whether the value is proved affine in the variables."""
        return self.degree is not None and self.degree <= 1

    @property
    def nonneg(self) -> bool:
        """Whether the value is proved to be at least zero."""
        return self.low >= 0

    @property
    def nonpos(self) -> bool:
        """Whether the value is proved to be at most zero."""
        return self.high <= 0


_CONVEX = (Curvature.CONSTANT, Curvature.AFFINE, Curvature.CONVEX)
_MIRROR = {Curvature.CONVEX: Curvature.CONCAVE, Curvature.CONCAVE: Curvature.CONVEX}
_TURN = {
    Monotone.INCREASING: Monotone.DECREASING,
    Monotone.DECREASING: Monotone.INCREASING,
    Monotone.NEITHER: Monotone.NEITHER,
}


def constant(*, low: float = -inf, high: float = inf) -> Facts:
    """Facts of a value that does not depend on the variables."""
    return Facts(
        degree=0,
        curvature=Curvature.CONSTANT,
        block=Block.CONSTANT,
        monotone=Monotone.NEITHER,
        low=low,
        high=high,
    )


def identity(*, low: float = -inf, high: float = inf) -> Facts:
    """Facts of a variable as a function of itself."""
    return Facts(
        degree=1,
        curvature=Curvature.AFFINE,
        block=Block.ELEMENTWISE,
        monotone=Monotone.INCREASING,
        low=low,
        high=high,
    )


def add(left: Facts, right: Facts) -> Facts:
    """Facts of a sum."""
    return Facts(
        degree=_max_degree(left, right),
        leading=_leading_of_sum(left, right),
        curvature=_sum_curvature(left.curvature, right.curvature),
        smoothness=min(left.smoothness, right.smoothness),
        block=max(left.block, right.block),
        monotone=_common_direction(left, right),
        lags=left.lags | right.lags,
        low=left.low + right.low,
        high=left.high + right.high,
    )


def scale(inner: Facts, factor: Facts, *, names: frozenset[str]) -> Facts:
    """Facts of `factor * inner` where `factor` does not depend on the variables."""
    if inner.constant:
        return constant(**_bounds(_products(inner, factor)))
    turned = inner if factor.nonneg else negate(inner) if factor.nonpos else _bent(inner)
    bounds = _bounds(_products(inner, factor))
    low, high = bounds["low"], bounds["high"]
    return replace(turned, leading=inner.leading | names, low=low, high=high)


def negate(inner: Facts) -> Facts:
    """Facts of the negated value."""
    return replace(
        inner,
        curvature=_MIRROR.get(inner.curvature, inner.curvature),
        monotone=_TURN[inner.monotone],
        low=-inner.high,
        high=-inner.low,
    )


def multiply(left: Facts, right: Facts, *, block: Block) -> Facts:
    """Facts of a product of two values that both depend on the variables."""
    degree = None
    if left.degree is not None and right.degree is not None:
        degree = left.degree + right.degree
    bounds = _bounds(_products(left, right))
    return Facts(
        degree=degree,
        leading=left.leading | right.leading,
        smoothness=min(left.smoothness, right.smoothness),
        block=block,
        lags=left.lags | right.lags,
        low=bounds["low"],
        high=bounds["high"],
    )


def compose(outer: Facts, inner: Facts) -> Facts:
    """Facts of `outer(inner(x))`; `outer` declares itself as a function of its argument."""
    bounds = _image(outer, inner)
    if inner.constant:
        return constant(**bounds)
    degree = None
    if outer.degree is not None and inner.degree is not None:
        degree = outer.degree * inner.degree
    return Facts(
        degree=degree,
        leading=inner.leading,
        curvature=_composed_curvature(outer, inner),
        smoothness=min(outer.smoothness, inner.smoothness),
        block=_composed_block(outer, inner.block),
        monotone=_composed_direction(outer.monotone, inner.monotone),
        lags=inner.lags,
        **bounds,
    )


def _max_degree(left: Facts, right: Facts) -> int | None:
    if left.degree is None or right.degree is None:
        return None
    return max(left.degree, right.degree)


def _leading_of_sum(left: Facts, right: Facts) -> frozenset[str]:
    if left.degree is None or right.degree is None or left.degree == right.degree:
        return left.leading | right.leading
    return left.leading if left.degree > right.degree else right.leading


def _sum_curvature(left: Curvature, right: Curvature) -> Curvature:
    match left, right:
        case (Curvature.CONSTANT, other) | (other, Curvature.CONSTANT):
            return other
        case (Curvature.AFFINE, other) | (other, Curvature.AFFINE):
            return other
        case _:
            return left if left is right else Curvature.UNKNOWN


def _common_direction(left: Facts, right: Facts) -> Monotone:
    if left.constant:
        return right.monotone
    if right.constant or left.monotone is right.monotone:
        return left.monotone
    return Monotone.NEITHER


def _bent(inner: Facts) -> Facts:
    curvature = inner.curvature if inner.affine else Curvature.UNKNOWN
    return replace(inner, curvature=curvature, monotone=Monotone.NEITHER)


def _products(left: Facts, right: Facts) -> tuple[float, ...]:
    ends = ((a, b) for a in (left.low, left.high) for b in (right.low, right.high))
    return tuple(0.0 if a == 0 or b == 0 else a * b for a, b in ends)


def _bounds(values: tuple[float, ...]) -> dict[str, float]:
    return {"low": min(values), "high": max(values)}


def _composed_curvature(outer: Facts, inner: Facts) -> Curvature:
    if inner.affine:
        return outer.curvature
    lifted = {
        Monotone.INCREASING: inner.curvature,
        Monotone.DECREASING: _MIRROR.get(inner.curvature, inner.curvature),
        Monotone.NEITHER: Curvature.UNKNOWN,
    }[outer.monotone]
    kept = outer.curvature is Curvature.AFFINE or lifted is outer.curvature
    return lifted if kept else Curvature.UNKNOWN


def _composed_block(outer: Facts, inner: Block) -> Block:
    if outer.block is Block.ELEMENTWISE and (outer.affine or inner is not Block.SEPARABLE):
        return inner
    if inner is Block.ELEMENTWISE:
        return outer.block
    if outer.block is Block.SEPARABLE and inner in (Block.ROWS, Block.GROUPED):
        return inner
    return Block.FULL


def _image(outer: Facts, inner: Facts) -> dict[str, float]:
    """Bound `outer(inner)`: what is linear and rises keeps signs."""
    linear = outer.degree == 1 and outer.monotone is Monotone.INCREASING
    low = max(outer.low, 0) if linear and inner.nonneg else outer.low
    high = min(outer.high, 0) if linear and inner.nonpos else outer.high
    return {"low": low, "high": high}


def _composed_direction(outer: Monotone, inner: Monotone) -> Monotone:
    if outer is Monotone.NEITHER or inner is Monotone.NEITHER:
        return Monotone.NEITHER
    return Monotone.INCREASING if outer is inner else Monotone.DECREASING
