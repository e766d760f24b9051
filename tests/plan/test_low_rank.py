"""Low-rank products: found by what an energy depends on, whatever it looks like."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.plan.low_rank import PRODUCT, LowRank
from ebmdsl.source.text import Source

HEAD = """model plane(k = 2)
observed y : real[5]
latent z : real[k]
param W : real[5, k] with orthonormal
param mu : real[5]
param M : real[5, 5]
"""
TAIL = "infer z by minimize\ntrain W, mu by energy\n"


def _found(cost: str) -> LowRank | None:
    compilation = Compilation(Source("plane.ebm", f"{HEAD}cost c = {cost}\n{TAIL}"))
    assert compilation.plan is not None, [d.message for d in compilation.diagnostics.all]
    (update,) = compilation.plan.updates
    assert update.method == "alternation"
    return next(move.low_rank for move in update.moves if move.names == ("W",))


@pytest.mark.parametrize(
    "cost",
    [
        "sq(y - mu - W @ z)",
        "3 * sq(W @ z + mu - y)",
        "dot(y - mu - z @ W.T, y - mu - z @ W.T) / 2",
        "sum((M @ (y - mu - W @ z))^2)",
    ],
)
def test_a_product_is_found_however_it_is_written(cost: str) -> None:
    found = _found(cost)
    assert found is not None
    assert found.centered
    assert found.energy.names & {"W", "z"} == frozenset()
    assert PRODUCT in found.energy.names


@pytest.mark.parametrize(
    "cost",
    [
        "sq(y - mu - W @ z) + sq(z)",
        "sq(y - mu - W @ z) + sq(y - W @ (2 * z - 1))",
    ],
)
def test_a_latent_that_acts_in_another_way_too_is_no_product(cost: str) -> None:
    assert _found(cost) is None


def test_a_mean_counts_where_no_parameter_takes_it_up() -> None:
    found = _found("sq(y - W @ z) + sq(mu - 1)")
    assert found is not None
    assert not found.centered
