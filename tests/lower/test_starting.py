"""Several starts: the best answer of each sample, all answers, and a second try."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmdsl.lower.loop import Solution, Status, solve
from ebmdsl.lower.objective import Objective, Smooth
from ebmdsl.lower.quadratic import Hessian, Quadratic
from ebmdsl.lower.starting import again, best_of, on_a_line, solve_from, uncoupled
from ebmdsl.std.solvers.gradient_descent import GradientDescent
from ebmdsl.std.solvers.lbfgs import Lbfgs


def tilted(z: Tensor, y: Tensor) -> Tensor:
    """Two wells at about -1 and 1; which is deeper depends on the sample."""
    return ((z**2 - 1) ** 2 + y * z).sum(-1)


def wells() -> Objective:
    y = torch.tensor([[0.2], [-0.2], [0.1]], dtype=torch.float64)
    return Objective(smooth_part=Smooth(tilted, (y,)))


def test_starts_lie_on_a_line_but_not_just_on_it() -> None:
    starts = on_a_line((-2.0, 2.0, 5), torch.zeros(3, 1, dtype=torch.float64))
    assert starts.shape == (3, 5, 1)
    line = torch.linspace(-2, 2, 5, dtype=torch.float64)
    assert (starts[0, :, 0] - line).abs().amax() < 0.1
    assert starts[0, 2, 0] != 0


def test_the_best_answer_of_every_sample_is_kept() -> None:
    starts = on_a_line((-2.0, 2.0, 4), torch.zeros(3, 1, dtype=torch.float64))
    found, values = solve_from(Lbfgs(), wells(), starts=starts, tol=1e-9)
    best = best_of(found, values)
    assert best.point.sign().flatten().tolist() == [-1, 1, -1]
    assert torch.equal(wells().value(best.point), values.amin(1))
    assert (values.amax(1) > values.amin(1) + 0.1).all()
    assert (best.status == Status.CONVERGED).all()


def test_what_is_no_number_is_never_the_best() -> None:
    nothing = torch.tensor([[torch.nan, 1.0, torch.inf]], dtype=torch.float64)
    found = Solution(
        torch.arange(3.0).unsqueeze(1), torch.zeros(3), torch.tensor([2, 0, 2]), torch.zeros(3)
    )
    assert best_of(found, nothing).point.item() == 1.0


def test_a_lost_sample_is_searched_again_and_a_broken_one_is_left() -> None:
    objective, start = wells(), torch.full((3, 1), 0.5, dtype=torch.float64)
    found = solve(Lbfgs(), objective, start=start, tol=1e-9)
    found.status[:2], found.point[:2] = Status.NON_FINITE.value, torch.nan
    start[1] = torch.nan
    solver = GradientDescent()
    found = again(solver, objective, found=found, start=start, tol=1e-6)
    assert found.status.tolist() == [Status.CONVERGED, Status.NON_FINITE, Status.CONVERGED]
    assert float(objective.gradient(found.point)[0].abs().amax()) < 1e-4
    assert found.point[1].isnan().all()


def test_without_a_coupling_a_lasso_is_left() -> None:
    n, d = 2, 3
    eye, zero = torch.eye(d, dtype=torch.float64), torch.zeros(n, dtype=torch.float64)
    linear = torch.full((n, d), -0.5, dtype=torch.float64)
    coupling = Quadratic(Hessian(1 - eye), linear, zero)
    smooth = Quadratic(Hessian(eye), linear, zero)
    objective = Objective(smooth_part=smooth, coupling=coupling)
    z = torch.tensor([[1.0, -2, 0], [0, 1, 1]], dtype=torch.float64)
    torch.testing.assert_close(uncoupled(objective).rough(z), z.abs().sum(-1) / 2)
    assert (objective.rough(z) > uncoupled(objective).rough(z)).all()
    plain = Objective(smooth_part=smooth)
    assert uncoupled(plain) is plain
