"""A plan prints its decisions, the same every time."""

from __future__ import annotations

import pytest

from tests.plan.plans import planned


@pytest.mark.parametrize(
    ("name", "decisions"),
    [
        ("lasso", ["eliminate z by minimize: admm", "update W: gradient", "volume:"]),
        ("kmeans", ["eliminate z by minimize: exhaustive", "update W: alternation"]),
        ("rbm", ["eliminate h by marginalize: independent_units", "update W: gradient"]),
    ],
)
def test_the_decisions_are_printed(name: str, decisions: list[str]) -> None:
    text = planned(name).pretty()
    assert text.startswith(f"plan {name}\n")
    assert [line for line in decisions if line not in text] == []
    assert planned(name).pretty() == text


def test_equal_programs_have_equal_plans() -> None:
    assert planned("lasso").eliminations == planned("lasso").eliminations
    assert planned("lasso").updates == planned("lasso").updates
