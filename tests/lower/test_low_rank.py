"""The best subspace against the singular value decomposition of NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ebmdsl.lower.low_rank import best_subspace
from tests.lower.programs import module, samples

HEAD = """model plane(k = 2)
observed y : real[5]
latent z : real[k]
param W : real[5, k] with orthonormal
param mu : real[5]
param M : real[5, 5]
"""
TAIL = "infer z by minimize\ntrain W, mu by energy\n"


@pytest.mark.parametrize("centered", [False, True])
def test_the_subspace_is_that_of_the_leading_singular_vectors(centered: bool) -> None:
    cost = "3 * sq(y - mu - W @ z)" if centered else "3 * sq(y - W @ z) + sq(mu)"
    model = module(f"{HEAD}cost c = {cost}\n{TAIL}")
    (update,) = model.plan.updates
    structure = next(move.low_rank for move in update.moves if move.names == ("W",))
    assert structure is not None
    y = samples(40, 5) + 3
    like = model.get_parameter("W").detach()
    found = best_subspace(structure, {"y": y}, weights=model.weights, like=like)
    assert found is not None
    points = (y - y.mean(0)).numpy() if centered else y.numpy()
    expected = np.linalg.svd(points, full_matrices=False)[2][:2].T
    overlap = np.linalg.svd(found.numpy().T @ expected)[1]
    np.testing.assert_allclose(overlap, 1, atol=1e-12)


def test_a_weighted_metric_is_left_to_another_step() -> None:
    model = module(f"{HEAD}cost c = sq(M @ (y - mu - W @ z))\n{TAIL}")
    (update,) = model.plan.updates
    structure = next(move.low_rank for move in update.moves if move.names == ("W",))
    assert structure is not None
    like = model.get_parameter("W").detach()
    y = samples(40, 5)
    assert best_subspace(structure, {"y": y}, weights=model.weights, like=like) is None
    assert torch.isfinite(like).all()
