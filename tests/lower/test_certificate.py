"""Certificates bound the truth, and are tight at the minimum."""

from __future__ import annotations

from math import inf

import pytest
import torch
from torch import Tensor

from ebmdsl.lower.certificate import covers
from ebmdsl.lower.loop import solve
from ebmdsl.lower.objective import Box, Objective, Smooth, Term
from ebmdsl.lower.quadratic import Hessian, Quadratic
from ebmdsl.std.functions.l1 import L1
from ebmdsl.std.solvers.closed_form import ClosedForm
from ebmdsl.std.solvers.fista import Fista

D, M, N = 8, 12, 20


def drawn(*shape: int, seed: int = 0) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def squares(w: Tensor, y: Tensor) -> Quadratic:
    return Quadratic(Hessian(w.T @ w), y @ w, (y**2).sum(-1) / 2)


def lam(value: float = 0.7) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


def objectives() -> dict[str, Objective]:
    w, y = drawn(M, D), drawn(N, M, seed=1)
    smooth, flat = squares(w, y), squares(w[:4], y[:, :4])
    each = Term(L1(), drawn(N, seed=3).abs())
    some = (Term(L1(), lam(), part=(0, 3)), Term(L1(), lam(0.2), part=(5, 8)))
    return {
        "floor": Objective(smooth_part=smooth, terms=(each,), floor=0),
        "factorized": Objective(smooth_part=smooth, terms=(each,)),
        "singular": Objective(smooth_part=flat, terms=(each,)),
        "orthant": Objective(smooth_part=smooth, terms=(each,), box=Box(low=0), floor=0),
        "bare orthant": Objective(smooth_part=smooth, box=Box(low=0), floor=0),
        "some entries": Objective(smooth_part=smooth, terms=some, floor=0),
        "some of the orthant": Objective(smooth_part=smooth, terms=some, box=Box(low=0)),
        "no terms": Objective(smooth_part=smooth),
    }


@pytest.mark.parametrize("name", list(objectives()))
def test_the_gap_bounds_the_truth_and_closes(name: str) -> None:
    objective = objectives()[name]
    assert objective.has_gap
    start = torch.zeros(N, D, dtype=torch.float64)
    best = solve(Fista(steps=20_000, tol=1e-11), objective, start=start, tol=1).point
    least = objective.value(best)
    assert objective.certificate(best).max() < 1e-10
    for spread in (1e-3, 0.1, 1):
        z = objective.clip(best + spread * drawn(N, D, seed=7))
        value = objective.value(z)
        excess = (value - least) / _size(objective, value)
        assert (objective.certificate(z) * (1 + 1e-9) >= excess - 1e-9).all()
    assert excess.min() > 1e-3


def _size(objective: Objective, value: Tensor) -> Tensor:
    """Without terms, what is relative to the value is also relative to the drop from 0."""
    quadratic = objective.quadratic
    if objective.terms or quadratic is None:
        return value.abs()
    drop = (quadratic.linear * quadratic.hessian.solve(quadratic.linear)).sum(-1) / 2
    return torch.maximum(value.abs(), drop)


def test_a_floor_and_a_factorization_agree_where_both_are_tight() -> None:
    w, y = drawn(4, D), drawn(N, 4, seed=1)  # W has full row rank: the least f is 0
    z = drawn(N, D, seed=2)
    term = Term(L1(), lam())
    floor = Objective(smooth_part=squares(w, y), terms=(term,), floor=0)
    exact = Objective(smooth_part=squares(w, y), terms=(term,))
    torch.testing.assert_close(floor.certificate(z), exact.certificate(z))


def test_the_gap_does_not_depend_on_the_scale_of_the_data() -> None:
    w, y, z = drawn(M, D), drawn(N, M, seed=1), drawn(N, D, seed=2)
    found: list[Tensor] = []
    for scale in (1e-6, 1, 1e6):
        term = Term(L1(), lam() * scale)
        objective = Objective(smooth_part=squares(w, y * scale), terms=(term,), floor=0)
        found.append(objective.certificate(z * scale))
    torch.testing.assert_close(found[0], found[1])
    torch.testing.assert_close(found[2], found[1])


def test_nothing_to_explain_has_no_gap() -> None:
    zero = torch.zeros(1, M, dtype=torch.float64)
    objective = Objective(smooth_part=squares(drawn(M, D), zero), terms=(Term(L1(), lam()),))
    assert float(objective.certificate(torch.zeros(1, D, dtype=torch.float64))) == 0


def test_an_energy_that_falls_forever_is_never_certified() -> None:
    matrix = torch.diag(torch.tensor([1.0, 0.0], dtype=torch.float64))
    linear = torch.ones(1, 2, dtype=torch.float64)
    constant = torch.zeros(1, dtype=torch.float64)
    objective = Objective(smooth_part=Quadratic(Hessian(matrix), linear, constant))
    start = torch.zeros(1, 2, dtype=torch.float64)
    assert float(solve(ClosedForm(), objective, start=start, tol=1e-3).certificate) == inf


def test_a_weight_of_zero_leaves_a_valid_gap() -> None:
    objective = Objective(
        smooth_part=squares(drawn(M, D), drawn(N, M, seed=1)),
        terms=(Term(L1(), lam(0)),),
        floor=0,
    )
    start = torch.zeros(N, D, dtype=torch.float64)
    assert objective.certificate(start).isfinite().all()


@pytest.mark.parametrize("energy_scale", [1e-6, 1, 1e6])
@pytest.mark.parametrize("point_scale", [1e-3, 1, 1e3])
def test_the_slope_is_measured_without_a_scale(energy_scale: float, point_scale: float) -> None:
    def energy(z: Tensor) -> Tensor:
        return energy_scale * torch.cosh(z / point_scale - 1).sum(-1)

    objective = Objective(smooth_part=Smooth(energy), terms=())
    z = torch.tensor([[1.0, 1.0], [1.001, 1.0], [2.0, 0.5]], dtype=torch.float64) * point_scale
    found = objective.certificate(z)
    assert float(found[0]) < 1e-12
    torch.testing.assert_close(float(found[1]), 6e-4, rtol=0.05, atol=0)
    assert float(found[2]) > 0.1


def test_a_saddle_between_two_wells_is_no_reference() -> None:
    objective = Objective(smooth_part=Smooth(lambda z: ((z**2 - 1) ** 2).sum(-1)))
    z = torch.tensor([[1.0], [0.9]], dtype=torch.float64)
    found = objective.certificate(z)
    assert float(found[0]) == 0
    assert float(found[1]) > 0.1


def test_covering_counts_entries() -> None:
    whole = objectives()["floor"]
    parts = objectives()["some entries"]
    assert covers(whole, D)
    assert not covers(parts, D)
