"""Minimizers: what is claimed at a fine tolerance holds."""

from __future__ import annotations

import torch

from ebmdsl.lower.loop import Status
from ebmdsl.lower.module import lower
from tests.lower.programs import SPARSE, module, samples


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
