"""Planned minimizations: what the file says is done, and what it costs is said."""

from __future__ import annotations

from tests.plan.plans import planned


def test_a_told_method_is_taken_and_the_choice_of_the_planner_named() -> None:
    (step,) = planned("lasso", "with fista(tol = 1e-6)").eliminations
    assert (step.method, step.told) == ("fista", True)
    assert [each.method for each in step.rejected] == ["admm"]
