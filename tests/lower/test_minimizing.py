"""Minimizers: what is claimed at a fine tolerance holds."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ebmdsl.lower.elimination import Asked
from ebmdsl.lower.loop import Status
from ebmdsl.lower.minimizing import Minimizing
from ebmdsl.lower.module import EnergyModule, lower
from tests.lower.programs import SPARSE, module, samples

HEAD = """model sets
observed y : real[8]
param W : real[8, 12] with unit_columns
param S : nonneg[12, 12] with symmetric, zero_diag
{}
infer z by minimize
train W by energy
"""
FIT = "cost fit = sq(y - W @ z) / 2\n"
ROUND = "latent z : real[2, 4]\ncost fit = (1 + sq(W) / 9) * sq(reshape(y, 2, 4) - z)\n"
KINDS = {
    "box": f"latent z : real[12] with clip(-0.2, 0.3)\n{FIT}",
    "simplex": f"latent z : simplex[12]\n{FIT}",
    "sphere": f"latent z : real[12] with sphere\n{FIT}",
    "three at most": f"latent z : real[12] with sparse(3)\n{FIT}",
    "price": f"latent z : real[12]\n{FIT}regularizer r = 0.1 * l0(z)\n",
    "groups": f"latent z : nonneg[12]\n{FIT}regularizer r = 0.3 * sum(group_l2(z, 3))\n",
    "both": f"latent z : real[12]\n{FIT}regularizer r = sum(group_l2(z, 3)) / 5 + l1(z) / 9\n",
    "groups in a plate": "latent z[g in 1..4] : real[12]\n"
    "cost fit = sq(y - sum[g](W @ z[g])) / 2 + sq(z) / 9\n"
    "regularizer r[g] = 0.3 * l2(z[g])\n",
    "rank": ROUND + "regularizer r = 1.5 * nuclear(z)\n",
    "rivals": f"latent z : real[12]\n{FIT}"
    "regularizer r = 0.1 * l1(z) + abs(z) @ S @ abs(z) / 4\n",
}
LOCAL = {"sphere", "three at most", "price", "rivals"}


def test_what_float32_claims_at_a_fine_tolerance_holds_in_float64() -> None:
    exact = module(SPARSE)
    single = lower(exact.plan, dtype=torch.float32)
    single.load_state_dict(exact.state_dict())
    exact.load_state_dict(single.state_dict())
    y = 3 * samples(400, 8).float()
    found = single.solve({"y": y}, tol=1e-5)
    assert (found.status == Status.CONVERGED).all()
    w, z = exact.get_parameter("W").detach(), found.assignment["z"].double()
    rest = y.double() - z @ w.T
    primal = rest.square().sum(1) / 2 + 0.3 * z.abs().sum(1)
    dual_point = rest * (0.3 / (rest @ w).abs().amax(1)).clamp_max(1)[:, None]
    dual = (y.double().square().sum(1) - (y.double() - dual_point).square().sum(1)) / 2
    gap = (primal - dual) / primal
    claimed = found.status == Status.CONVERGED
    assert (gap[claimed] <= 1e-5 * (1 + 1e-6)).all()
    torch.testing.assert_close(found.certificate[claimed], gap[claimed], rtol=0, atol=2e-7)


def energies(model: EnergyModule, y: Tensor, z: Tensor) -> Tensor:
    with torch.no_grad():
        return model.energy({"y": y, "z": z})


def nearest(model: EnergyModule, z: Tensor) -> Tensor:
    """Project as the constraints of the declaration say, one sample after the other."""
    declared = model.plan.model.find("z")
    assert declared is not None
    low = 0.0 if declared.quantity.domain.name == "nonneg" else -torch.inf
    moved = z.clamp_min(low)
    if declared.quantity.domain.name == "simplex":
        moved = z.clamp_min(0)
        return moved / moved.sum(-1, keepdim=True)
    for constraint in declared.constraints:
        moved = torch.stack([constraint.project(one) for one in moved])
    return moved


@pytest.mark.parametrize("kind", KINDS)
def test_no_allowed_point_nearby_has_less_energy(kind: str) -> None:
    model = module(HEAD.format(KINDS[kind]))
    y = samples(6, 8)
    found = model.solve({"y": y}, tol=1e-9)
    assert (found.status == Status.CONVERGED).all(), found.certificate
    z = found.assignment["z"]
    torch.testing.assert_close(nearest(model, z), z)
    torch.testing.assert_close(energies(model, y, z), found.value)
    near = [1e-4, 1e-3] if kind in LOCAL else [1e-4, 1e-3, 0.1, 1.0]
    for away in near:
        step = away * samples(*z.shape, seed=3)
        for moved in (z + step, torch.where(z != 0, z + step, 0.0)):
            rival = energies(model, y, nearest(model, moved))
            assert (rival >= found.value - 1e-9).all()


WELLS = """model wells
observed y : real
latent z : real
cost e = (z^2 - 1)^2 + y * z / 5
infer z by minimize {}
"""


def test_of_several_starts_the_best_answer_is_kept() -> None:
    y = torch.tensor([1.0, -1.0], dtype=torch.float64)
    one = module(WELLS.format("from 0.9")).solve({"y": y}, tol=1e-9)
    many = module(WELLS.format("from starts(-2..2, 6)")).solve({"y": y}, tol=1e-9)
    assert one.assignment["z"].sign().flatten().tolist() == [1, 1]
    assert many.assignment["z"].sign().flatten().tolist() == [-1, 1]
    assert (many.value <= one.value + 1e-12).all()


def test_all_minima_that_are_reached_are_told_apart() -> None:
    model = module(WELLS.format(""))
    step = Minimizing(model.plan.eliminations[0], model.plan.model)
    y = torch.tensor([1.0, -1.0], dtype=torch.float64)
    starts = torch.linspace(-2, 2, 6, dtype=torch.float64).reshape(1, 6, 1).expand(2, 6, 1)
    found = step.minima({"y": y}, starts, asked=Asked(1e-9))
    assert found.points.shape == (2, 2, 1)
    assert found.points[:, :, 0].sign().tolist() == [[-1, 1], [1, -1]]
    assert (found.values[:, 0] < found.values[:, 1]).all()
    assert float(found.certificate.amax()) <= 1e-9
