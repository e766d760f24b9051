"""Constraints that the file computes something for."""

from __future__ import annotations

import torch

from ebmdsl.concepts.base import default
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.lower.constraints import in_a_run
from tests.lower.programs import module, samples

MASKED = """model masked(keep = 25%)
observed y : real[4]
param G : real[4, 4]
param W : real[4, 4] with mask(largest(G, keep))
cost recon = sq(y - W @ y)
"""


def test_a_computed_mask_keeps_the_entries_that_it_names() -> None:
    made = module(MASKED)
    w, g = made.weights["W"], made.weights["G"].detach()
    with torch.no_grad():
        w.copy_(samples(4, 4))
    made.project(["W"])
    bound = g.abs().flatten().sort().values[-4]
    kept = g.abs() >= bound
    assert int(kept.sum()) == 4
    torch.testing.assert_close(w.detach(), torch.where(kept, samples(4, 4), 0.0))
    declared = made.plan.model.find("W")
    assert declared is not None
    (written,) = declared.constraints
    held = in_a_run(written, made.weights)
    assert held.holds(w.detach())
    assert not held.holds(samples(4, 4))


def test_what_computes_nothing_stays_as_it_is() -> None:
    constraint = default(Constraint, "unit_columns")
    assert in_a_run(constraint, {}) is constraint
