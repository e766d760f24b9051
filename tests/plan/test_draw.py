"""Planned draws."""

from __future__ import annotations

from tests.plan.plans import planned


def test_a_kernel_that_the_file_names_is_taken() -> None:
    (step,) = planned("lasso", "with metropolis(steps = 5)", ring="sample").eliminations
    assert (step.ring, step.method, step.told) == ("sample", "metropolis", True)
    assert "proves nothing" in step.certificate
