"""Facts about matrices: right for whole ones, NaN for broken ones, never an exception."""

from __future__ import annotations

import torch

from ebmdsl.concepts.matrices import broken, cholesky, eigen, largest_eigenvalue, length

GOOD = torch.tensor([[2.0, 1.0], [1.0, 2.0]])
BAD = torch.tensor([[torch.nan, 0.0], [0.0, 1.0]])
INDEFINITE = torch.diag(torch.tensor([1.0, -1.0]))


def test_lengths_are_of_samples() -> None:
    assert length(torch.tensor([[3.0, 4.0], [0.0, 0.0]])).tolist() == [[5.0], [0.0]]


def test_a_factor_is_found_where_there_is_one() -> None:
    factor, found = cholesky(torch.stack([GOOD, INDEFINITE, BAD]))
    assert found.tolist()[:2] == [True, False]
    torch.testing.assert_close(factor[0] @ factor[0].T, GOOD)


def test_eigenvalues_of_a_broken_matrix_are_nan_and_the_others_right() -> None:
    values, vectors = eigen(torch.stack([GOOD, BAD]))
    torch.testing.assert_close(values[0], torch.tensor([1.0, 3.0]))
    torch.testing.assert_close(vectors[0] @ torch.diag(values[0]) @ vectors[0].T, GOOD)
    assert values[1].isnan().all()
    assert largest_eigenvalue(torch.stack([GOOD, BAD])).isnan().tolist() == [False, True]


def test_broken_is_told_per_matrix() -> None:
    assert broken(torch.stack([GOOD, BAD])).isnan().tolist() == [False, True]
