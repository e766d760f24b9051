"""Every ring is planned in its own room."""

from __future__ import annotations

import pytest

from tests.plan.plans import planned


@pytest.mark.parametrize("name", ["lasso", "kmeans"])
def test_a_minimum_is_planned_as_one(name: str) -> None:
    (step,) = planned(name).eliminations
    assert (step.ring, step.open, step.marginalizer) == ("minimize", False, None)


def test_a_sum_is_planned_as_one() -> None:
    (step,) = planned("rbm").eliminations
    assert (step.ring, step.open, step.solver) == ("marginalize", False, None)
