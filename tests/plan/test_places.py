"""Energies that are sums over the places of a sequence are found to be so."""

from __future__ import annotations

import pytest

from tests.plan.plans import plan_of

TEXT = """model text
observed y[t in 1..5] : token[3]
random m[t in 1..5] : binary ~ bernoulli(0.4)
net body = embed(4) |> conv1d(4, 3) |> silu |> linear(3)
let seen = hide(y, where = m)
predictor logits = body(seen)
cost miss[t] = m[t] * xent(logits[t], y[t])
{more}
predict y by minimize{how}
train by energy
"""


@pytest.mark.parametrize(
    ("more", "how", "apart"),
    [
        ("", "", True),
        ("regularizer all = 0 * xent(logits[1], y[1]) + xent(logits[2], y[2])", "", False),
        ("", " with icm", False),
    ],
)
def test_a_sum_over_places_is_found_place_by_place(more: str, how: str, apart: bool) -> None:
    plan, said = plan_of(TEXT.format(more=more, how=how))
    assert plan is not None, said
    (step,) = plan.predictions
    assert (step.method == "separate") == apart
    assert (step.places is not None) == apart
    if apart:
        assert "one place after the other" in step.rejected[0].reason
