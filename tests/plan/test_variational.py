"""Planned bounds: what is averaged exactly, what over draws, and which laws cannot be used."""

from __future__ import annotations

from ebmdsl.expr.text import formula
from tests.plan.plans import plan_of

TEXT = """model bound
observed y : real[3]
latent z : {domain}[2]
param W : real[3, 2]
param V : real[2, 3]
encoder zq ~ {law}
cost recon = sq(y - {decoder}) / 2
cost prior = sq(z) / 2
infer z by marginalize with variational(zq)
"""


def text(law: str = "normal(V @ y, 0.5)", decoder: str = "W @ z", domain: str = "real") -> str:
    return TEXT.format(law=law, decoder=decoder, domain=domain)


def test_a_quadratic_energy_is_averaged_exactly() -> None:
    plan, _ = plan_of(text())
    assert plan is not None
    (step,) = plan.eliminations
    assert (step.method, step.sampled, step.exact) == ("variational", None, False)
    assert step.certificate == "none: an upper bound on F"
    assert step.reason == "the mean of E over `zq` is known, and log q is known"


def test_the_rest_is_averaged_over_draws() -> None:
    plan, _ = plan_of(text(decoder="tanh(W @ z)"))
    assert plan is not None
    (step,) = plan.eliminations
    assert step.smooth is not None
    assert step.sampled is not None
    assert "tanh" in formula(step.sampled)
    assert "tanh" not in formula(step.smooth)
    assert "averaged over reparametrized draws of `zq`" in step.reason


def test_a_matrix_of_each_sample_is_averaged_over_draws() -> None:
    plan, _ = plan_of(text(decoder="y[0] * (W @ z)"))
    assert plan is not None
    (step,) = plan.eliminations
    assert step.sampled is not None


def test_another_law_is_averaged_over_draws_alone() -> None:
    plan, _ = plan_of(text("uniform(V @ y, V @ y + 1)"))
    assert plan is not None
    (step,) = plan.eliminations
    assert "log q is averaged over draws" in step.reason


def test_what_cannot_be_a_posterior_is_refused() -> None:
    plan, said = plan_of(text(domain="nonneg"))
    assert plan is None
    (told,) = (each for each in said if each.severity == "error")
    assert "draws of `zq` are real numbers" in told.message
    plan, said = plan_of(text("bernoulli(sigmoid(V @ y))"))
    assert plan is None
    (told,) = (each for each in said if each.severity == "error")
    assert "a draw of `bernoulli` does not move smoothly with its options" in told.message
