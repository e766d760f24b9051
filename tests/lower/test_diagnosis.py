"""Chains that are watched: good ones agree, bad ones are seen to be bad."""

from __future__ import annotations

import pytest
import torch

from ebmdsl.lower.diagnosis import diagnosed
from ebmdsl.lower.elimination import Asked
from tests.lower.programs import MIXTURE, module, samples

WELL = """model well
observed y : real[1]
latent z : real[1]
cost e = {height} * sq(sq(z) - 1) + sq(y - z) / 10
infer z by sample with {how}
"""


def watched(how: str, *, height: float = 0.5) -> dict[str, torch.Tensor]:
    model = module(WELL.format(how=how, height=height))
    return diagnosed(model, {"y": samples(6, 1)}, asked=Asked())


def test_good_chains_agree() -> None:
    found = watched("hmc(steps = 300, rate = 0.4)")
    assert (found["r_hat(z)"] < 1.03).all()
    assert (found["ess(z)"] > 200).all()
    assert (found["acceptance(z)"] > 0.8).all()


def test_chains_that_stay_in_their_valley_are_seen() -> None:
    found = watched("mala(steps = 100, rate = 0.005)", height=40)
    assert (found["r_hat(z)"] > 1.5).all()
    assert (found["ess(z)"] < 20).all()


def test_steps_that_are_refused_are_seen() -> None:
    found = watched("metropolis(steps = 100, scale = 100)")
    assert (found["acceptance(z)"] < 0.1).all()


def test_kernels_that_find_their_own_steps_accept_what_they_should() -> None:
    found = watched("hmc(steps = 100, accept = 80%)")
    assert float(found["acceptance(z)"].mean()) == pytest.approx(0.8, abs=0.08)


def test_exact_draws_need_no_chains() -> None:
    model = module(MIXTURE.replace("marginalize", "sample"))
    found = diagnosed(model, {"y": samples(3, 2)}, asked=Asked())
    assert found["r_hat(z)"].tolist() == [1, 1, 1]
    assert found["acceptance(z)"].tolist() == [1, 1, 1]


def test_what_is_not_sampled_is_not_watched() -> None:
    model = module(MIXTURE)
    assert not diagnosed(model, {"y": samples(3, 2)}, asked=Asked())
