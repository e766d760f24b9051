"""Planned sums and integrals: how, why, or why not."""

from __future__ import annotations

from ebmdsl.concepts.base import words
from ebmdsl.concepts.marginals import Marginalizer
from ebmdsl.std.marginalizers.importance import Importance
from tests.plan.plans import plan_of, planned


def test_sums_over_states_say_how() -> None:
    (step,) = planned("rbm").eliminations
    assert (step.method, step.certificate) == ("independent_units", "exact")
    (step,) = planned("rbm", energy="- h @ S @ h").eliminations
    assert step.certificate == "exact"
    assert step.method != "independent_units"


def test_what_cannot_be_integrated_stays_open_with_the_reasons() -> None:
    (step,) = planned("lasso", ring="marginalize").eliminations
    assert step.open
    assert step.reason == "nothing integrates over `z`"
    reasons = {each.method: each.reason for each in step.rejected}
    assert set(reasons) == set(words(Marginalizer))
    assert "has a kink at 0" in reasons["gaussian"]
    assert "8 dimensions" in reasons["quadrature"]


def test_an_exact_method_comes_before_an_estimate() -> None:
    plan, _ = plan_of(GAUSS.format(METHOD=""))
    assert plan is not None
    (step,) = plan.eliminations
    assert (step.method, step.exact, step.told) == ("gaussian", True, False)
    reasons = {each.method: each.reason for each in step.rejected}
    assert reasons["laplace"] == "it would give an estimate, and `gaussian` is exact"
    assert reasons["quadrature"].startswith("it would give nearly the same")


def test_a_method_that_the_file_names_is_taken() -> None:
    plan, _ = plan_of(GAUSS.format(METHOD="with importance(samples = 30)"))
    assert plan is not None
    (step,) = plan.eliminations
    assert (step.method, step.exact, step.told) == ("importance", False, True)
    assert step.marginalizer == Importance(samples=30)
    assert step.rejected[0].reason == "the planner would choose it; the file says not"


def test_a_method_that_cannot_is_refused_with_what_would_be_chosen() -> None:
    plan, said = plan_of(GAUSS.format(METHOD="with exhaustive_sum"))
    assert plan is None
    (told,) = (each for each in said if each.severity == "error")
    assert told.id == "unsuitable-solver"
    assert told.message.startswith("`exhaustive_sum` cannot marginalize this energy: ")
    assert "the planner would choose `gaussian`" in told.help


GAUSS = """model gauss
observed y : real[3]
latent z : real[2]
param W : real[3, 2]
cost recon = sq(y - W @ z) / 2
cost prior = sq(z) / 2
infer z by marginalize {METHOD}
"""
