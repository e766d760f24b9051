"""A plan prints the same on every run."""

from __future__ import annotations

from tests.plan.plans import planned


def test_decisions_are_printed_in_order() -> None:
    assert planned("lasso").pretty() == (
        "plan lasso\n"
        "  eliminate z by minimize: admm (relative duality gap)\n"
        "  update W: gradient\n"
        "  volume: `0.1·‖z‖₁` makes large values of `z` expensive\n"
    )


def test_equal_programs_have_equal_plans() -> None:
    assert planned("kmeans") == planned("kmeans")
    assert planned("kmeans").pretty() == planned("kmeans").pretty()
    assert planned("kmeans").pretty() != planned("kmeans", energy="+ sum(W^4)").pretty()
