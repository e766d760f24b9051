"""Mistakes in nets say what is wrong, and what to write instead."""

from __future__ import annotations

from ebmdsl.check.net_mistakes import CannotUnroll, LayerOutsideNet, NotALayer
from ebmdsl.source.text import NOWHERE


def test_what_is_no_layer_is_applied_to_the_value() -> None:
    found = NotALayer(NOWHERE, "cos", "a function", "apply it to the value of the net")
    assert found.message() == "`cos` is a function, not a layer"
    assert found.help() == "apply it to the value of the net"


def test_a_layer_outside_of_a_net_is_given_a_name() -> None:
    found = LayerOutsideNet(NOWHERE, "linear")
    assert found.message() == "`linear` is a layer, and layers are written in `net` only"
    assert found.help() == "write `net f = linear(…)`, then `f(…)` here"


def test_what_cannot_be_unrolled_says_why() -> None:
    found = CannotUnroll(NOWHERE, "z", "it is binary", "unroll a real latent")
    assert found.message() == "`z` cannot be unrolled: it is binary"
    assert found.help() == "unroll a real latent"
