"""Results hold what one elimination found for every sample."""

from __future__ import annotations

from tests.lower.programs import SPARSE, module, samples


def test_everything_in_a_result_has_one_row_a_sample() -> None:
    found = module(SPARSE).solve({"y": samples(7, 8)})
    rows = (found.value, found.certificate, found.status, found.steps, *found.terms.values())
    assert {each.shape for each in rows} == {(7,)}
    assert found.assignment["z"].shape == (7, 12)
    assert (found.certificate <= 1e-5).all()
