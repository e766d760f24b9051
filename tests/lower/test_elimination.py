"""What every step of a plan answers: where it starts, and an answer without a search."""

from __future__ import annotations

import torch

from ebmdsl.lower.elimination import settled
from ebmdsl.lower.loop import Status
from tests.lower.programs import SPARSE, module, samples


def test_a_start_changes_how_long_the_search_takes_and_not_what_it_finds() -> None:
    text = SPARSE.replace("infer z by minimize", "infer z by minimize from W.T @ y")
    y = samples(6, 8)
    cold, warm = module(SPARSE).solve({"y": y}), module(text).solve({"y": y})
    torch.testing.assert_close(cold.value, warm.value, rtol=1e-5, atol=0)


def test_what_needs_no_search_is_converged_where_it_is_finite() -> None:
    found = settled(torch.tensor([[1.0, 2.0], [torch.nan, 0.0]]))
    assert found.status.tolist() == [Status.CONVERGED.value, Status.NON_FINITE.value]
    assert not found.steps.any()
    assert not found.certificate.any()
