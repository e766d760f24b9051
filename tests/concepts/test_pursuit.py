"""Greedy pursuit against least squares, and against the pursuit of scikit-learn."""

from __future__ import annotations

import torch
from sklearn.linear_model import orthogonal_mp

from ebmdsl.concepts.pursuit import fitted, pursuit
from ebmdsl.lower.objective import Objective
from ebmdsl.lower.quadratic import Hessian, Quadratic
from tests.laws.problems import D, N, data, drawn, quadratic_of


def test_the_fit_is_least_squares_over_the_chosen_entries() -> None:
    w, y = data("plain")
    chosen = torch.stack([torch.randperm(D)[:4] for _ in range(N)])
    z = fitted(quadratic_of(w, y), chosen)
    for row, own, target in zip(z, chosen, y, strict=True):
        best = torch.linalg.lstsq(w[:, own], target.unsqueeze(-1)).solution.squeeze(-1)
        torch.testing.assert_close(row[own], best)
        assert int((row != 0).sum()) == 4


def test_a_pursuit_is_that_of_scikit_learn() -> None:
    w, y = data("plain")
    z = pursuit(Objective(smooth_part=quadratic_of(w, y)), drawn(N, D), most=5)
    theirs = torch.as_tensor(orthogonal_mp(w.numpy(), y.T.numpy(), n_nonzero_coefs=5)).T
    torch.testing.assert_close(z, theirs, rtol=0, atol=1e-9)


def test_every_sample_may_have_its_own_matrix() -> None:
    w, y = data("plain")
    shared = quadratic_of(w, y)
    own = Quadratic(Hessian(shared.curvature(y)), shared.linear, shared.constant)
    together = pursuit(Objective(smooth_part=shared), drawn(N, D), most=3)
    apart = pursuit(Objective(smooth_part=own), drawn(N, D), most=3)
    torch.testing.assert_close(together, apart)
