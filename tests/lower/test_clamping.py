"""Entries that are held: the minimum over the rest, by every kind of smooth part."""

from __future__ import annotations

import pytest
import torch

from ebmdsl.concepts.base import default
from ebmdsl.concepts.kinds import Function, Solver
from ebmdsl.lower.clamping import HeldError, clamped
from ebmdsl.lower.loop import solve
from ebmdsl.lower.objective import Objective, Smooth, Term
from ebmdsl.lower.quadratic import Hessian, Quadratic
from tests.lower.programs import samples

N, D = 5, 6


def _quadratic(*, shared: bool) -> Quadratic:
    root = samples(D, D) if shared else samples(N, D, D)
    matrix = root @ root.mT + torch.eye(D, dtype=torch.float64)
    return Quadratic(Hessian(matrix), samples(N, D, seed=2), samples(N, seed=3))


def _masks(*, alike: bool) -> torch.Tensor:
    free = samples(N, D, seed=4) > 0
    return free[:1].expand(N, D) if alike else free


@pytest.mark.parametrize("alike", [True, False])
@pytest.mark.parametrize("shared", [True, False])
def test_the_free_entries_take_their_conditional_minimum(shared: bool, alike: bool) -> None:
    f, free, known = _quadratic(shared=shared), _masks(alike=alike), samples(N, D, seed=5)
    held = clamped(Objective(smooth_part=f), free=free, known=known)
    assert held.quadratic is not None
    assert held.quadratic.hessian.shared == (shared and alike)
    z = held.quadratic.hessian.solve(held.quadratic.linear)
    for row in range(N):
        matrix = f.hessian.tensor if shared else f.hessian.tensor[row]
        m = free[row]
        right = f.linear[row][m] - matrix[m][:, ~m] @ known[row][~m]
        by_hand = torch.linalg.solve(matrix[m][:, m], right)
        torch.testing.assert_close(z[row][m], by_hand)
        torch.testing.assert_close(z[row][~m], known[row][~m])
    torch.testing.assert_close(held.value(z), f.value(torch.where(free, z, known)))


def test_other_energies_move_their_free_entries_only() -> None:
    free, known = _masks(alike=False), samples(N, D, seed=5)
    f = Smooth(lambda z, shift: ((z - shift) ** 4).sum(-1) + z.sum(-1), (samples(N, D),))
    held = clamped(Objective(smooth_part=f), free=free, known=known)
    start = torch.where(free, torch.zeros(()), known).double()
    found = solve(default(Solver, "lbfgs"), held, start=start, tol=1e-10)
    assert torch.equal(found.point[~free], known[~free])
    slope = torch.func.grad(lambda z: f.value(z).sum())(found.point)
    assert slope[free].abs().max() < 1e-7
    torch.testing.assert_close(held.value(found.point), f.value(found.point))


def test_entries_under_a_kink_are_held_all_or_none() -> None:
    free = torch.ones(N, D, dtype=torch.bool)
    free[:, 3:] = False
    term = Term(default(Function, "l1"), torch.tensor(1.0), (0, 3))
    known = samples(N, D)
    base = Objective(smooth_part=_quadratic(shared=True), terms=(term,))
    assert clamped(base, free=free, known=known).terms == (term,)
    with pytest.raises(HeldError, match="entries under `l1`"):
        clamped(base, free=~free, known=known)


def test_nothing_held_changes_nothing() -> None:
    base = Objective(smooth_part=_quadratic(shared=True))
    assert clamped(base, free=torch.ones(N, D).bool(), known=samples(N, D)) is base
