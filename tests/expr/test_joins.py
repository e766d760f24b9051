"""Facts of values that are joined."""

from __future__ import annotations

from math import inf

from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone, Smoothness, identity
from ebmdsl.expr.joins import beside, contracted, mapped, once_less, outside, several


def test_values_in_a_row_share_what_holds_of_both() -> None:
    curved = Facts(
        degree=2, curvature=Curvature.CONVEX, smoothness=Smoothness.C1, low=0, high=3
    )
    joined = beside(identity(low=-1, high=1), curved)
    assert (joined.degree, joined.curvature, joined.smoothness) == (
        2,
        Curvature.CONVEX,
        Smoothness.C1,
    )
    assert (joined.low, joined.high) == (-1, 3)


def test_several_arguments_at_once_keep_the_smoothness_and_the_bounds() -> None:
    outer = [Facts(smoothness=Smoothness.C2, low=0), Facts(low=-1, high=5)]
    whole = several(outer, [identity(), Facts(smoothness=Smoothness.C0)])
    assert (whole.smoothness, whole.low, whole.high) == (Smoothness.C0, 0, 5)
    assert (whole.degree, whole.curvature) == (None, Curvature.UNKNOWN)


def test_a_sum_of_products_is_bounded_by_the_count() -> None:
    whole = contracted(
        identity(low=0, high=1), identity(low=0, high=2), block=Block.FULL, count=5
    )
    assert (whole.degree, whole.low, whole.high) == (2, 0, 10)


def test_a_matrix_of_one_sign_keeps_the_direction() -> None:
    inner = Facts(curvature=Curvature.CONVEX, monotone=Monotone.INCREASING, low=0)
    kept = mapped(inner, identity(low=0), names=frozenset({"W"}))
    turned = mapped(inner, identity(high=0), names=frozenset({"W"}))
    free = mapped(inner, identity(), names=frozenset({"W"}))
    assert (kept.curvature, kept.low, kept.leading) == (Curvature.CONVEX, 0, {"W"})
    assert (turned.curvature, turned.high) == (Curvature.CONCAVE, 0)
    assert (free.curvature, free.low) == (Curvature.UNKNOWN, -inf)


def test_outside_of_where_it_was_declared_only_polynomials_have_values() -> None:
    declared = Facts(degree=2, curvature=Curvature.CONVEX, block=Block.SEPARABLE, low=0)
    assert outside(declared, polynomial=False).smoothness is Smoothness.STEP
    kept = outside(declared, polynomial=True)
    assert (kept.degree, kept.curvature, kept.low) == (2, Curvature.UNKNOWN, -inf)
    assert kept.monotone is Monotone.NEITHER


def test_a_derivative_is_less_smooth() -> None:
    assert once_less(Smoothness.C2) is Smoothness.C1
    assert once_less(Smoothness.STEP) is Smoothness.STEP
    assert once_less(Smoothness.ANALYTIC) is Smoothness.ANALYTIC
