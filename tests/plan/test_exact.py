"""Exact steps of parameters: which there are, in which order, or what is in the way."""

from __future__ import annotations

import pytest

from ebmdsl.plan.plan import Update
from tests.plan.plans import plan_of

MIXTURE = """model mixture(K = 4)
data points = moons()
observed y : real[2] from points
latent z : onehot[K]
param mu : real[2, K] init kmeans_pp(y)
param L : real[K, 2, 2] with cholesky(1e-3) init eye(2)
param w : simplex[K]
cost shape = sq(solve(L[z], y - mu @ z)) / 2 + logdet(L[z])
cost share = -log(w[z])
infer z by marginalize
train by energy
"""
FACTORS = """model factors(k = 2)
data points = gaussian(5)
observed y : real[5] from points
latent z : real[k]
param W : real[5, k] init normal(0.1)
param s : positive
cost shape = nll(normal(W @ z, s), y) + sq(z) / 2
infer z by marginalize
train by energy
"""


def _update(text: str) -> Update:
    plan, found = plan_of(text)
    assert plan is not None, [each.message for each in found]
    (update,) = plan.updates
    return update


def test_a_mixture_learns_by_expectation_and_maximization() -> None:
    update = _update(MIXTURE)
    kinds = {move.names: move.conjugate and move.conjugate.kind for move in update.moves}
    assert kinds == {("mu",): "mean", ("L",): "factor", ("w",): "shares"}
    assert "(EM)" in update.reason


def test_factor_analysis_is_least_squares_and_a_scale() -> None:
    update = _update(FACTORS)
    assert update.method == "alternation"
    assert [move.names for move in update.moves] == [("W",), ("s",)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (MIXTURE.replace("by energy", "by energy with adam(1e-3)"), "the file asks for `adam`"),
        (MIXTURE.replace("K = 4", "K = 400"), "400 states, too many to weigh each of them"),
        (MIXTURE.replace("-log(w[z])", "-log(w[z]) + sq(w)"), "`w` is simplex"),
        (FACTORS.replace("+ sq(z) / 2", "+ sq(z) / 2 + sum(W^4)"), "not proved a convex"),
        (
            FACTORS.replace("by marginalize", "by marginalize with laplace"),
            "a bound or an estimate",
        ),
    ],
)
def test_without_one_fact_there_is_a_gradient_and_a_reason(text: str, reason: str) -> None:
    update = _update(text)
    assert update.method == "gradient"
    assert reason in update.rejected[0].reason
