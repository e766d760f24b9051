"""Parameters that act as a distance from a value are best at its mean."""

from __future__ import annotations

import pytest

from tests.plan.plans import plan_of

BODY = """model m(K = 3)
data points = moons()
observed y : real[2] from points
latent z : onehot[K]
param mu : real[2, K]
param A : real[2, 2]
cost one = {cost}
infer z by minimize
train mu by energy
"""


def _kinds(cost: str) -> list[str]:
    plan, found = plan_of(BODY.replace("{cost}", cost))
    assert plan is not None, [each.message for each in found]
    moves = plan.updates[0].moves
    return [move.conjugate.kind if move.conjugate else move.coupling for move in moves]


@pytest.mark.parametrize(
    "cost",
    [
        "sq(y - mu @ z) + sq(A)",
        "sq(mu @ z - y) + sq(A)",
        "sq(A @ (y - mu @ z))",
        "sq(y - 2 * mu @ z) + sq(A)",
        "3 * sq(2 * y - mu @ z) + sq(A)",
    ],
)
def test_a_distance_has_a_mean_as_its_minimum(cost: str) -> None:
    assert _kinds(cost) == ["mean"]


@pytest.mark.parametrize(
    "cost",
    [
        "sq(y - mu @ z) + sq(mu) + sq(A)",
        "sq(y - mu @ z) + sq(A @ y - mu @ z)",
        "sq(y) * sq(y - mu @ z) + sq(A)",
        "sq(y - A @ mu @ z)",
    ],
)
def test_other_quadratics_are_least_squares(cost: str) -> None:
    assert _kinds(cost) in (["rows"], ["columns"], ["all"])
