"""Planned sums and integrals: how, why, or why not."""

from __future__ import annotations

from tests.plan.plans import planned


def test_sums_over_states_say_how() -> None:
    (step,) = planned("rbm").eliminations
    assert (step.method, step.certificate) == ("independent_units", "exact")
    (step,) = planned("rbm", energy="- h @ S @ h").eliminations
    assert step.method == "exhaustive_sum"
    assert "32 states" in step.reason


def test_what_cannot_be_summed_stays_open_with_the_reason() -> None:
    (step,) = planned("lasso", ring="marginalize").eliminations
    assert step.open
    assert step.reason == "`z` is continuous: integrals are not there yet"
