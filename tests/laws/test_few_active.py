"""Few active entries, low rank, and entries that inhibit each other: the published answers."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
import torch
from sklearn.linear_model import orthogonal_mp_gram
from torch import Tensor

from ebmdsl.lower.certificate import optimality
from ebmdsl.lower.loop import Solution, Status, solve
from ebmdsl.lower.objective import Objective, Term
from ebmdsl.lower.quadratic import Hessian, Quadratic
from ebmdsl.lower.regions import Region
from ebmdsl.std.constraints.sparse import Sparse
from ebmdsl.std.functions.l0 import L0
from ebmdsl.std.functions.nuclear import Nuclear
from ebmdsl.std.solvers.coordinate_descent import CoordinateDescent
from ebmdsl.std.solvers.iht import Iht
from ebmdsl.std.solvers.omp import Omp
from ebmdsl.std.solvers.prox import Prox
from tests.laws.problems import quadratic_of

ATOMS, PATCH, SAMPLES, ACTIVE = 12, 16, 200, 3


def drawn(*shape: int, seed: int = 0) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def dictionary(rows: int, columns: int) -> Tensor:
    w = drawn(rows, columns)
    return w / w.norm(dim=0)


def patches() -> tuple[Tensor, Tensor]:
    """Return a dictionary and patches that three of its atoms make, with noise."""
    w = dictionary(PATCH, ATOMS)
    codes = drawn(SAMPLES, ATOMS, seed=1) * (drawn(SAMPLES, ATOMS, seed=2) > 0.8)
    return w, codes @ w.T + drawn(SAMPLES, PATCH, seed=3) / 5


def limited(w: Tensor, y: Tensor, count: int) -> Objective:
    atoms = w.shape[1]
    region = Region(0, atoms, (atoms,), "other", constraints=(Sparse(count),))
    return Objective(smooth_part=quadratic_of(w, y), regions=(region,), floor=0)


def priced(w: Tensor, y: Tensor, price: float) -> Objective:
    term = Term(L0(), torch.tensor(price, dtype=torch.float64))
    return Objective(smooth_part=quadratic_of(w, y), terms=(term,), floor=0)


def exhaustive(w: Tensor, y: Tensor, *, counts: range, price: float) -> Tensor:
    """Return the least energy over all sets of active atoms."""
    least = torch.full((len(y),), torch.inf, dtype=torch.float64)
    for chosen in (c for k in counts for c in combinations(range(w.shape[1]), k)):
        own = w[:, list(chosen)]
        left = y.T - own @ torch.linalg.lstsq(own, y.T).solution
        least = torch.minimum(least, left.square().sum(0) / 2 + price * len(chosen))
    return least


def test_matching_pursuit_leaves_what_that_of_scikit_learn_leaves() -> None:
    w, y = dictionary(64, 128), drawn(SAMPLES, 64, seed=4)
    start = torch.zeros(SAMPLES, 128, dtype=torch.float64)
    found = solve(Omp(), limited(w, y, 5), start=start, tol=1e-6)
    theirs = orthogonal_mp_gram((w.T @ w).numpy(), (w.T @ y.T).numpy(), n_nonzero_coefs=5)
    ours_left = (y - found.point @ w.T).norm(dim=-1)
    theirs_left = (y - torch.as_tensor(theirs).T @ w.T).norm(dim=-1)
    torch.testing.assert_close(ours_left, theirs_left, rtol=1e-6, atol=1e-6)
    assert (found.status == Status.CONVERGED).all()
    assert (found.point != 0).sum(-1).eq(5).all()


@pytest.mark.parametrize("solver", [Iht(), CoordinateDescent()], ids=["iht", "descent"])
@pytest.mark.parametrize("price", [0.05, 0.2])
def test_a_price_of_entries_is_nearly_paid_as_by_exhaustive_search(
    solver: Iht | CoordinateDescent, price: float
) -> None:
    w, y = patches()
    objective = priced(w, y, price)
    found = solve(solver, objective, start=torch.zeros(SAMPLES, ATOMS).double(), tol=1e-6)
    best = exhaustive(w, y, counts=range(ATOMS + 1), price=price)
    energy = objective.value(found.point)
    assert (energy >= best - 1e-9).all()
    assert float(energy.sum() / best.sum()) <= 1.1
    assert (found.status == Status.CONVERGED).all()


def test_thresholding_to_few_entries_is_nearly_as_good_as_exhaustive_search() -> None:
    w, y = patches()
    objective = limited(w, y, ACTIVE)
    found = solve(Iht(), objective, start=torch.zeros(SAMPLES, ATOMS).double(), tol=1e-6)
    best = exhaustive(w, y, counts=range(ACTIVE, ACTIVE + 1), price=0)
    energy = objective.value(found.point)
    assert (energy >= best - 1e-9).all()
    assert float(energy.sum() / best.sum()) <= 1.1
    pursued = solve(Omp(), objective, start=found.point, tol=1e-6)
    assert (energy <= objective.value(pursued.point) + 1e-9).all()


def test_the_nuclear_norm_is_the_threshold_of_singular_values() -> None:
    low = drawn(4, 40, 5) @ drawn(4, 5, 16, seed=1)
    y = low + 0.05 * drawn(4, 40, 16, seed=2)
    lam, flat = 3.0, y.reshape(4, -1)
    zero = torch.zeros(4, dtype=torch.float64)
    smooth = Quadratic(Hessian(torch.eye(640, dtype=torch.float64)), flat, zero)
    term = Term(Nuclear(), torch.tensor(lam, dtype=torch.float64), event=(40, 16))
    objective = Objective(smooth_part=smooth, terms=(term,))
    found = solve(Prox(), objective, start=torch.zeros_like(flat), tol=1e-9)
    u, s, v = torch.linalg.svd(y, full_matrices=False)
    expected = (u * (s - lam).relu()[:, None]) @ v
    torch.testing.assert_close(found.point.reshape(y.shape), expected, rtol=0, atol=1e-9)
    assert torch.linalg.matrix_rank(expected).tolist() == [5] * 4
    slope = (y - found.point.reshape(y.shape)) / lam
    assert float(torch.linalg.matrix_norm(slope, 2).max()) <= 1 + 1e-6


def inhibited(w: Tensor, y: Tensor, *, lam: float, coupled: Tensor) -> Objective:
    n, atoms = len(y), w.shape[1]
    linear = torch.full((n, atoms), -lam, dtype=torch.float64)
    coupling = Quadratic(Hessian(2 * coupled), linear, torch.zeros(n, dtype=torch.float64))
    return Objective(smooth_part=quadratic_of(w, y), coupling=coupling, floor=0)


def solved(objective: Objective, w: Tensor, y: Tensor, *, steps: int = 400) -> Solution:
    return solve(CoordinateDescent(steps=steps), objective, start=y @ w, tol=1e-7)


def test_every_sweep_lowers_the_energy_until_no_entry_wants_to_move() -> None:
    w, y = dictionary(36, 60), drawn(50, 36, seed=5)
    coupled = drawn(60, 60, seed=6).abs() / 2
    objective = inhibited(w, y, lam=0.3, coupled=(coupled + coupled.T).fill_diagonal_(0))
    solver, last = CoordinateDescent(), objective.value(y @ w)
    state = solver.init(objective, y @ w)
    for _ in range(30):
        state = solver.step(objective, state)
        energy = objective.value(solver.solution(state))
        assert (energy <= last + 1e-10).all()
        last = energy
    found = solved(objective, w, y)
    assert float(optimality(objective, found.point).max()) < 1e-6
    assert (found.status == Status.CONVERGED).all()


@pytest.mark.parametrize("strength", [0.1, 0.5, 3.0])
def test_two_entries_are_found_as_on_a_grid(strength: float) -> None:
    w, y = dictionary(5, 2), 2 * drawn(8, 5, seed=7)
    coupled = strength * (1 - torch.eye(2, dtype=torch.float64))
    objective = inhibited(w, y, lam=0.3, coupled=coupled)
    starts = [(a, b) for a in (-4.0, 0.0, 4.0) for b in (-4.0, 0.0, 4.0)]
    values = [
        objective.value(
            solve(
                CoordinateDescent(),
                objective,
                start=torch.tensor(start).expand(8, 2).double(),
                tol=1e-9,
            ).point
        )
        for start in starts
    ]
    ours = torch.stack(values).amin(0)
    axis = torch.linspace(-6, 6, 1201, dtype=torch.float64)
    grid = torch.cartesian_prod(axis, axis)
    for i in range(8):
        one = objective.rows(torch.full((len(grid),), i))
        least = float(one.value(grid).min())
        assert least - 1e-4 * max(1.0, least) <= float(ours[i]) <= least + 1e-9


def test_strong_rivals_are_never_active_together() -> None:
    w, y = dictionary(36, 60), 3 * drawn(80, 36, seed=8)
    coupled = torch.zeros(60, 60, dtype=torch.float64)
    for i in range(0, 60, 2):
        coupled[i, i + 1] = coupled[i + 1, i] = 10.0
    found = solved(inhibited(w, y, lam=0.3, coupled=coupled), w, y)
    active = found.point.reshape(80, 30, 2) != 0
    assert not active.all(-1).any()
    assert active.any(-1).float().mean() > 0.2


def test_greedy_moves_reach_a_minimum_as_well() -> None:
    w, y = dictionary(20, 30), drawn(20, 20, seed=9)
    coupled = 0.2 * (1 - torch.eye(30, dtype=torch.float64))
    objective = inhibited(w, y, lam=0.3, coupled=coupled)
    solver = replace(CoordinateDescent(), order="greedy")
    found = solve(solver, objective, start=torch.zeros(20, 30).double(), tol=1e-7)
    assert (found.status == Status.CONVERGED).all()
    assert float(optimality(objective, found.point).max()) < 1e-6
