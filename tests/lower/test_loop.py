"""The solver loop: company changes nothing, and every ending is named."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from ebmdsl.concepts.kinds import Solver
from ebmdsl.lower.loop import Solution, Status, cadence, solve
from ebmdsl.lower.objective import Objective, Smooth, Term
from ebmdsl.lower.quadratic import Hessian, Quadratic, quadratic_of
from ebmdsl.lower.unrolling import unrolled
from ebmdsl.std.functions.l1 import L1
from ebmdsl.std.solvers.admm import Admm
from ebmdsl.std.solvers.closed_form import ClosedForm
from ebmdsl.std.solvers.fista import Fista
from ebmdsl.std.solvers.gradient_descent import GradientDescent
from ebmdsl.std.solvers.ista import Ista
from ebmdsl.std.solvers.lbfgs import Lbfgs

D, M, N = 40, 24, 600
BROKEN, STUCK = 5, 9
CODERS = [Admm(steps=100), Fista(steps=200), Ista(steps=800)]
PENALTY = L1()
SMOOTH = [Lbfgs(steps=60), GradientDescent(), ClosedForm()]


def names(solvers: list[Any]) -> list[str]:
    return [solver.word for solver in solvers]


def dictionary() -> Tensor:
    w = torch.randn(M, D, generator=torch.Generator().manual_seed(0))
    return w / w.norm(dim=0)


def samples() -> Tensor:
    """One sample is NaN; one is so large beside its penalty that few steps cannot do."""
    y = torch.randn(N, M, generator=torch.Generator().manual_seed(1))
    y[BROKEN, 3] = torch.nan
    y[STUCK] *= 1e3
    return y


def lasso(y: Tensor) -> Objective:
    w = dictionary().to(y.dtype)

    def energy(z: Tensor, y: Tensor) -> Tensor:
        return ((y - z @ w.T) ** 2).sum(-1) / 2

    quadratic = quadratic_of(energy, (y,), like=y.new_zeros(len(y), D), shared=True)
    return Objective(smooth_part=quadratic, terms=(Term(L1(), torch.tensor(0.2)),), floor=0)


def bowl(y: Tensor) -> Objective:
    w = dictionary()

    def energy(z: Tensor, y: Tensor) -> Tensor:
        return ((y - z @ w.T) ** 2).sum(-1) / 2 + (z**2).sum(-1) / 20

    return Objective(
        smooth_part=quadratic_of(energy, (y,), like=torch.zeros(len(y), D), shared=True)
    )


def net(y: Tensor) -> Objective:
    w = dictionary()

    def energy(z: Tensor, y: Tensor) -> Tensor:
        return ((y - torch.tanh(z @ w.T)) ** 2).sum(-1) + (z**2).sum(-1) / 10

    return Objective(smooth_part=Smooth(energy, (y,)))


def run(solver: Any, objective: Any, y: Tensor) -> Solution:
    return solve(solver, objective(y), start=torch.zeros(len(y), D), tol=1e-4)


@cache
def whole(solver: Solver, objective: Any) -> Solution:
    return run(solver, objective, samples())


CASES = [
    *[(solver, lasso) for solver in CODERS],
    *[(solver, bowl) for solver in SMOOTH],
    (Lbfgs(steps=60), net),
]


@pytest.mark.parametrize("chosen", [[0], [7, 8, 6], list(range(257)), [599, BROKEN, STUCK, 0]])
@pytest.mark.parametrize(("solver", "objective"), CASES, ids=[str(one[0]) for one in CASES])
def test_a_sample_is_bitwise_what_it_is_alone(
    solver: Solver, objective: Any, chosen: list[int]
) -> None:
    together, alone = whole(solver, objective), run(solver, objective, samples()[chosen])
    for field in ("point", "certificate", "status", "steps"):
        left, right = getattr(together, field)[chosen], getattr(alone, field)
        assert torch.equal(left.nan_to_num(-77), right.nan_to_num(-77)), field


@pytest.mark.parametrize("solver", CODERS, ids=names(CODERS))
def test_every_ending_is_named(solver: Solver) -> None:
    found = whole(solver, lasso)
    assert found.status[BROKEN] == Status.NON_FINITE
    assert found.status[STUCK] == Status.AT_LIMIT
    assert found.certificate[STUCK] > 1e-4
    assert found.steps[STUCK] == solver.budget.steps
    assert found.point[BROKEN].isnan().any()
    assert found.point[STUCK].isfinite().all()
    assert found.status.eq(Status.CONVERGED).sum() > N / 4
    assert found.certificate[found.status == Status.CONVERGED].max() <= 1e-4


@pytest.mark.parametrize(("solver", "objective"), CASES, ids=[str(one[0]) for one in CASES])
def test_an_empty_batch_has_an_empty_answer(solver: Solver, objective: Any) -> None:
    found = run(solver, objective, samples()[:0])
    assert found.point.shape == (0, D)
    assert found.status.shape == found.steps.shape == found.certificate.shape == (0,)


@pytest.mark.parametrize(("steps", "taken"), [(1, 1), (3, 3), (25, 25), (60, 60), (97, 90)])
def test_the_limit_is_never_passed(steps: int, taken: int) -> None:
    found = solve(Ista(steps=steps), lasso(samples()), start=torch.zeros(N, D), tol=1e-12)
    assert found.steps[STUCK] == taken


@pytest.mark.parametrize("steps", [0, 1, 7, 20])
def test_told_steps_are_taken_exactly(steps: int) -> None:
    y = samples()[:3]
    found = solve(
        GradientDescent(steps=steps, rate=0.1), bowl(y), start=torch.ones(3, D), tol=1e-4
    )
    z = torch.ones(3, D)
    for _ in range(steps):
        z = z - 0.1 * bowl(y).gradient(z)
    torch.testing.assert_close(found.point, z)
    assert found.steps.tolist() == [steps] * 3


def test_a_written_tolerance_goes_first() -> None:
    y = samples()[10:30]
    loose = solve(Fista(tol=1e-2), lasso(y), start=torch.zeros(20, D), tol=1e-6)
    assert loose.certificate.max() <= 1e-2
    assert loose.certificate.max() > 1e-6
    assert loose.status.eq(Status.CONVERGED).all()


def test_a_good_start_is_used() -> None:
    y = samples()[10:30]
    first = solve(Fista(), lasso(y), start=torch.zeros(20, D), tol=1e-5)
    again = solve(Fista(), lasso(y), start=first.point, tol=1e-4)
    assert again.steps.max() <= first.steps.max()
    assert again.steps.max() <= 10


def test_a_broken_parameter_is_reported_and_raises_nothing() -> None:
    objective = bowl(samples()[10:13])
    assert objective.quadratic is not None
    matrix = objective.quadratic.hessian.tensor.clone()
    matrix[0, 0] = torch.nan
    rest = (objective.quadratic.linear, objective.quadratic.constant)
    broken = Objective(smooth_part=Quadratic(Hessian(matrix), *rest))
    for solver in (*CODERS, *SMOOTH):
        found = solve(solver, broken, start=torch.zeros(3, D), tol=1e-3)
        assert found.status.eq(Status.NON_FINITE).all()


@pytest.mark.parametrize("solver", [Admm(), Fista()], ids=["admm", "fista"])
def test_a_fixed_number_of_steps_is_one_graph(solver: Solver) -> None:
    def codes(w: Tensor, y: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        quadratic = Quadratic(Hessian(w.T @ w), y @ w, (y**2).sum(-1) / 2)
        term = Term(PENALTY, torch.tensor(0.2))
        objective = Objective(smooth_part=quadratic, terms=(term,), floor=0)
        z = unrolled(solver, objective, start=z, steps=3)
        return z, objective.certificate(z)

    whole = cast("Any", torch.compile(codes, fullgraph=True, dynamic=True, backend="aot_eager"))
    for n in (30, 47):
        given = dictionary(), samples()[10 : 10 + n], torch.zeros(n, D)
        torch.testing.assert_close(whole(*given), codes(*given))


def test_fixed_steps_carry_gradients() -> None:
    y = samples()[10:12].double().requires_grad_()
    objective = lasso(y)
    z = unrolled(Ista(), objective, start=torch.zeros(2, D, dtype=torch.float64), steps=5)
    (slope,) = torch.autograd.grad(z.sum(), y)
    assert slope.abs().sum() > 0


def test_looks_fall_within_the_limit() -> None:
    for steps in range(1, 300):
        every, limit = cadence(steps)
        assert limit % every == 0
        assert steps - every < limit <= steps
