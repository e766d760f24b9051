"""Latents in the order written: what goes together, what stands inside of what."""

from __future__ import annotations

import pytest

from ebmdsl.plan.plan import Eliminate
from tests.plan.plans import plan_of

HEAD = """model m
observed y : real[4]
latent k : onehot[3]
latent z : real[2]
param mu : real[4, 3]
param W : real[4, 2]
cost recon = sq(y - mu @ k - W @ z) + sq(z)
"""
APART = """model m
observed y : real[4]
latent k : onehot[3]
latent z : real[2]
param mu : real[4, 3]
param W : real[4, 2]
cost one = sq(y - mu @ k)
cost two = sq(y - W @ z) + sq(z)
"""


def _steps(infers: str, head: str = HEAD) -> tuple[Eliminate, ...]:
    plan, found = plan_of(head + infers + "\n")
    assert plan is not None, [each.message for each in found]
    return plan.eliminations


@pytest.mark.parametrize("ring", ["minimize", "marginalize", "sample"])
@pytest.mark.parametrize("names", ["k, z", "z, k"])
def test_few_states_stand_outside_of_a_continuum(ring: str, names: str) -> None:
    inner, outer = _steps(f"infer {names} by {ring}")
    assert (inner.names, outer.names) == (("z",), ("k",))
    assert (inner.nested, outer.nested) == ((), ("z",))
    assert not inner.open
    assert not outer.open


def test_neighbors_of_one_ring_are_planned_as_if_named_together() -> None:
    steps = _steps("infer k by marginalize\ninfer z by marginalize")
    assert [step.names for step in steps] == [("z",), ("k",)]


def test_another_temperature_is_another_ring() -> None:
    steps = _steps("infer k by marginalize(beta = 2)\ninfer z by marginalize")
    assert [step.names for step in steps] == [("k",), ("z",)]
    assert steps[1].nested == ("k",)


def test_what_does_not_meet_is_not_nested() -> None:
    steps = _steps("infer k by marginalize\ninfer z by minimize", APART)
    assert [step.nested for step in steps] == [(), ()]
    assert steps[1].method == "closed_form"
    assert all("k" not in step.objective.names for step in steps[1:])


def test_a_single_step_takes_the_whole_energy() -> None:
    head = APART.replace("latent k : onehot[3]\n", "given k : onehot[3]\n")
    (step,) = _steps("infer z by minimize", head)
    assert step.own is None
    assert "k" in step.objective.names


def test_nothing_stands_around_what_a_chain_draws() -> None:
    infers = "infer z by sample with langevin(steps = 5)\ninfer k by minimize"
    steps = _steps(infers, HEAD.replace("+ sq(z)", "+ sum(exp(z)) + sq(z)"))
    assert [step.open for step in steps] == [False, True]
    assert "F has no value where `z` is drawn by a chain" in steps[1].reason


def test_too_many_states_do_not_stand_outside() -> None:
    head = HEAD.replace("onehot[3]", "binary[13]").replace("real[4, 3]", "real[4, 13]")
    inner = "infer z by minimize with lbfgs\ninfer k by marginalize with exhaustive_sum"
    steps = _steps(inner, head)
    assert steps[1].open
    assert "`z` would disappear anew at each of its 8192 states" in steps[1].reason


def test_an_encoded_latent_is_known_to_all_others() -> None:
    head = HEAD + "net enc = linear(2)\nencoder e = enc(y)\n"
    steps = _steps("infer k by marginalize\ninfer z by encode(e)", head)
    assert [step.names for step in steps] == [("z",), ("k",)]
    assert [step.nested for step in steps] == [(), ()]


def test_what_is_left_inside_cannot_be_read_as_terms_of_few_entries() -> None:
    head = HEAD.replace("onehot[3]", "binary[6]").replace("real[4, 3]", "real[4, 6]")
    inner, outer = _steps("infer z by marginalize\ninfer k by minimize", head)
    assert (inner.names, outer.names) == (("z",), ("k",))
    assert outer.method == "exhaustive"
    refused = {each.method: each.reason for each in outer.rejected}
    assert "cannot be read off the energy" in refused["variable_elimination"]
