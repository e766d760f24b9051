"""`unroll`: what a net needs to know of an energy, and why some energies refuse."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, cast

import pytest

from ebmdsl.check.model import Net
from ebmdsl.concepts.unrolled import Kernels
from tests.check.programs import checked, messages, said

HEAD = """model m
observed y : real[6]
latent z : real[9]
param W : real[6, 9] with unit_columns
cost recon = sq(y - W @ z) / 2
regularizer sparse = l1(z) / 4
infer z by minimize
"""
USE = "encoder zhat = f(y)\nloss agree = sq(z - zhat)\n"


def net(text: str) -> Net:
    """Return the net `f` of a program."""
    return next(each for each in checked(text).nets if each.name == "f")


def test_the_maps_and_thresholds_are_its_weights() -> None:
    found = net(f"{HEAD}net f = unroll(z, ista(steps = 3), learn = all)\n{USE}")
    assert dict(found.weights) == {
        "unroll.input": (9, 6),
        "unroll.offset": (9,),
        "unroll.lateral": (9, 9),
        "unroll.threshold": (9,),
    }
    assert (found.input, found.output) == ((6,), (9,))


def test_the_energy_may_hold_what_the_net_is_for() -> None:
    text = f"{HEAD}net f = unroll(z, ista(steps = 3))\ncost agree = sq(z - f(y))\n"
    assert net(text).output == (9,)


def test_the_terms_that_are_minimized_are_unrolled() -> None:
    body = "net enc = linear(9) |> tanh\ncost near = sq(z - enc(y))\n"
    told = messages(f"{HEAD}{body}net f = unroll(z, ista(steps = 3))\n{USE}")
    assert "is not quadratic in it and `y` together" in told[0]
    head = HEAD.replace("by minimize", "by minimize(recon + sparse)")
    assert net(f"{head}{body}net f = unroll(z, ista(steps = 3))\n{USE}").output == (9,)


def test_it_may_be_part_of_a_pipe() -> None:
    found = net(f"{HEAD}net f = unroll(z, ista(steps = 3)) |> linear(2)\ncost e = sq(f(y))\n")
    assert found.output == (2,)


def test_two_inputs_are_seen_in_the_order_of_the_file() -> None:
    text = f"{HEAD}given x : real[2]\nparam V : real[2, 9]\ncost more = sq(x - V @ z)\n"
    body = "net f = unroll(z, ista(steps = 3))\nloss agree = sq(z - f(y, x))\n"
    assert net(text + body).input == (8,)


def test_a_decoder_that_is_a_convolution_gives_kernels() -> None:
    text = """model m
observed y : real[2, 8, 8]
latent z : nonneg[3, 10, 10]
net dec = conv(2, 3, bias = none) with unit_kernels
cost recon = sq(y - dec(z)) / 2
regularizer sparse = l1(z)
net f = unroll(z, ista(steps = 3), learn = all)
loss agree = sq(z - f(y))
infer z by minimize
"""
    found = net(text)
    layer = cast("Any", found.layers[0])
    assert layer.kernels == Kernels(3, 0)
    assert found.facts[0].low == 0
    assert {each.name for each in fields(layer)} >= {"rule", "steps"}


@pytest.mark.parametrize("body", ["tanh(W @ z)", "W @ z^2"])
def test_an_energy_that_is_not_quadratic_is_refused(body: str) -> None:
    text = HEAD.replace("W @ z", body)
    (first, *_) = said(f"{text}net f = unroll(z, ista(steps = 3))\n{USE}")
    assert first == ("cannot-unroll", 8, 16)


def test_two_functions_with_a_prox_are_refused() -> None:
    text = HEAD.replace("l1(z) / 4", "l1(z) + l2(z)")
    (told,) = messages(f"{text}net f = unroll(z, ista(steps = 3))\n{USE}")
    assert told.startswith("`z` cannot be unrolled: there is no prox for")
    text = HEAD.replace("l1(z) / 4", "l1(W @ z)")
    (told,) = messages(f"{text}net f = unroll(z, ista(steps = 3))\n{USE}")
    assert "is neither quadratic nor a function with a prox" in told


def test_coordinate_descent_needs_entries_by_themselves() -> None:
    net(f"{HEAD}net f = unroll(z, coordinate_descent(steps = 3))\n{USE}")
    text = HEAD.replace("l1(z)", "l2(z)")
    (told,) = messages(f"{text}net f = unroll(z, coordinate_descent(steps = 3))\n{USE}")
    assert "`l2` does not treat its entries one by one" in told


REFUSED = [
    ("unroll(W, ista(steps = 3))", ("wrong-role", 8, 16)),
    ("unroll(q, ista(steps = 3))", ("unknown-name", 8, 16)),
    ("unroll(dict.z, ista(steps = 3))", ("unknown-name", 8, 16)),
    ("unroll(2 * z, ista(steps = 3))", ("wrong-arguments", 8, 16)),
    ("unroll(z, lista(steps = 3))", ("unknown-name", 8, 19)),
    ("unroll(z, lbfgs(steps = 3))", ("cannot-unroll", 8, 19)),
    ("unroll(z, 3)", ("wrong-arguments", 8, 19)),
    ("unroll(z, 0..3)", ("wrong-arguments", 8, 19)),
    ("unroll(z, ista)", ("wrong-arguments", 8, 19)),
    ("unroll(z, ista(tol = 1))", ("wrong-arguments", 8, 24)),
    ("unroll(z, ista(steps = 3), learn = some)", ("unknown-name", 8, 44)),
    ("unroll(z, ista(steps = 3), lern = all)", ("wrong-arguments", 8, 36)),
    ("unroll(z)", ("wrong-arguments", 8, 9)),
    ("unroll", ("wrong-arguments", 8, 9)),
]


@pytest.mark.parametrize(("body", "wanted"), REFUSED, ids=[body for body, _ in REFUSED])
def test_what_cannot_be_unrolled(body: str, wanted: tuple[str, int, int]) -> None:
    assert said(f"{HEAD}net f = {body}\n{USE}") == [wanted]


@pytest.mark.parametrize("declared", ["latent z : binary[9]", "latent z : positive[9]"])
def test_a_latent_must_be_able_to_move(declared: str) -> None:
    text = HEAD.replace("latent z : real[9]", declared)
    (told,) = messages(f"{text}net f = unroll(z, ista(steps = 3))\n{USE}")
    assert told.startswith("`z` cannot be unrolled: it is")


def test_the_net_is_given_what_the_energy_sees() -> None:
    text = (
        f"{HEAD}observed x : real[3]\nnet f = unroll(z, ista(steps = 3))\ncost e = sq(f(x))\n"
    )
    (told,) = messages(text)
    assert told.startswith("the energy sees `y`, which is [6], not [3]")
