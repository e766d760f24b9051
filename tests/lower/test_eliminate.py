"""Eliminations: starts, encoders and faults that stay with their sample."""

from __future__ import annotations

import torch

from ebmdsl.lower.loop import Status
from ebmdsl.lower.module import lower
from tests.lower.programs import SPARSE, module, samples

ENCODED = """model encoded
observed y : real[4]
latent z : real[4]
param a : real
encoder zhat = a * y
cost agree = sq(z - zhat) + sq(y - z)
infer z by encode(zhat)
train by energy with adam
"""


def test_a_broken_sample_leaves_the_others_as_they_are_alone() -> None:
    model = module(SPARSE)
    y = samples(3, 8)
    alone = model.solve({"y": y[:1]})
    y[1] = torch.nan
    found = model.solve({"y": y})
    assert found.status.tolist() == [0, Status.NON_FINITE.value, 0]
    assert torch.equal(found.assignment["z"][0], alone.assignment["z"][0])


def test_an_encoder_is_the_inference() -> None:
    model = module(ENCODED)
    y = samples(3, 4)
    found = model.solve({"y": y})
    weight = model.get_parameter("a")
    torch.testing.assert_close(found.assignment["z"], (weight * y))
    torch.testing.assert_close(found.value, (y - weight * y).square().sum(1))


def test_a_start_changes_how_long_the_search_takes_and_not_what_it_finds() -> None:
    text = SPARSE.replace("infer z by minimize", "infer z by minimize from W.T @ y")
    y = samples(6, 8)
    cold, warm = module(SPARSE).solve({"y": y}), module(text).solve({"y": y})
    torch.testing.assert_close(cold.value, warm.value, rtol=1e-5, atol=0)


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
