"""Planes through the origin, and data on one side of it."""

from __future__ import annotations

import pytest

from tests.plan.lints.said import ids

HEAD = """model m(k = 16)
data digs = {data}
observed y : real[64] from digs.image
latent z : real[k]
param W : real[64, k] with {constraint}
param mu : real[64]
cost recon = {cost}
infer z by minimize
train by energy
"""


def _said(cost: str, data: str = "digits()", constraint: str = "orthonormal") -> list[str]:
    said = ids(HEAD.format(cost=cost, data=data, constraint=constraint))
    return [each for each in said if each == "uncentered-data"]


def test_a_plane_through_the_origin_misses_the_mean() -> None:
    assert _said("sq(y - W @ z) + 0 * sum(mu)") == ["uncentered-data"]
    assert _said("3 * sq(W @ z - y)") == ["uncentered-data"]


@pytest.mark.parametrize(
    ("cost", "data", "constraint"),
    [
        ("sq(y - mu - W @ z)", "digits()", "orthonormal"),
        ("sq(y - W @ z)", "digits() |> remove_mean", "orthonormal"),
        ("sq(y - W @ z)", "digits() |> standardize", "orthonormal"),
        ("sq(y - W @ z) + l1(z)", "digits()", "unit_columns"),
    ],
)
def test_a_mean_that_is_taken_care_of_is_not(cost: str, data: str, constraint: str) -> None:
    assert _said(cost, data, constraint) == []
