"""Forms with a known minimum are proved in every spelling; nothing else is taken for one."""

from __future__ import annotations

import pytest

from ebmdsl.expr.build import add
from ebmdsl.plan.conjugate import Conjugate, conjugate
from tests.plan.plans import plan_of

BODY = """model m(K = 3)
data points = moons()
observed y : real[2] from points
latent z : onehot[K]
param mu : real[2, K]
param w : simplex[K]
param s : positive[K]
param r : positive
param t : positive[2]
param L : real[K, 2, 2] with cholesky(1e-3) init eye(2)
cost all = sq(y - mu @ z)
cost one = {cost}
infer z by minimize
train mu by energy with adam
"""


def _form(cost: str, name: str) -> Conjugate | None:
    plan, found = plan_of(BODY.replace("{cost}", cost))
    assert plan is not None, [each.message for each in found]
    param = plan.model.find(name)
    assert param is not None
    return conjugate(add(*(term.node for term in plan.model.energy)), param)


@pytest.mark.parametrize("cost", ["-log(w[z])", "-dot(z, log(w))", "-2 * log(dot(w, z))"])
def test_shares_of_a_simplex(cost: str) -> None:
    form = _form(cost, "w")
    assert form is not None
    assert form.kind == "shares"


@pytest.mark.parametrize(
    ("cost", "name", "power"),
    [
        ("sq(y - mu @ z) / (2 * s[z]^2) + 2 * log(s[z])", "s", 2),
        ("sq((y - mu @ z) / s[z]) / 2 + 2 * log(s[z])", "s", 2),
        ("sq(y - mu @ z) / (2 * r) + log(r)", "r", 1),
        ("nll(normal(mu @ z, r), y)", "r", 2),
        ("sq((y - mu @ z) / t) / 2 + sum(log(t))", "t", 2),
    ],
)
def test_scales_and_variances(cost: str, name: str, power: int) -> None:
    form = _form(cost, name)
    assert form is not None
    assert (form.kind, form.power) == ("scale", power)


def test_factors_of_covariances() -> None:
    form = _form("sq(solve(L[z], y - mu @ z)) / 2 + logdet(L[z])", "L")
    assert form is not None
    assert form.kind == "factor"


@pytest.mark.parametrize(
    ("cost", "name"),
    [
        ("-log(w[z]) + sq(w)", "w"),
        ("log(1 + sum(w))", "w"),
        ("sq(y) / r", "r"),
        ("sq(y) / r + log(1 + r)", "r"),
        ("sq(y) / r + sq(y) / r^2 + log(r)", "r"),
        ("sq(solve(L[z], y))", "L"),
        ("sq(L[z] @ y) + logdet(L[z])", "L"),
        ("sq(solve(L[z], r * y)) + logdet(L[z])", "r"),
    ],
)
def test_what_has_no_known_minimum_is_left_alone(cost: str, name: str) -> None:
    assert _form(cost, name) is None
