"""Polynomials in absolute values, and quadratics that bend alike in all directions."""

from __future__ import annotations

import pytest

from ebmdsl.expr.build import addends
from ebmdsl.expr.node import Node
from ebmdsl.expr.text import formula
from ebmdsl.plan.magnitudes import all_in_magnitudes, in_magnitudes, round_quadratic
from tests.check.programs import checked

HEAD = """model m
observed y : real[4]
latent z : real[4]
param S : real[4, 4]
param a : positive
"""
Z = frozenset({"z"})


def energy(text: str) -> Node:
    return checked(f"{HEAD}cost e = {text}\ninfer z by minimize\n").energy[0].node


@pytest.mark.parametrize("written", ["l1(z)", "a * sum(abs(z))", "l1(z)^2", "sum(abs(z) * y)"])
def test_a_polynomial_in_absolute_values_is_read(written: str) -> None:
    plain = written.replace("l1(z)", "sum(z)").replace("abs(z)", "z")
    assert in_magnitudes(energy(written), Z) is energy(plain)


@pytest.mark.parametrize(
    "same",
    ["abs(z) @ S @ abs(z)", "dot(S @ abs(z), abs(z))", "sum(abs(z) * (S @ abs(z)))"],
)
def test_equal_couplings_are_the_same_polynomial(same: str) -> None:
    assert in_magnitudes(energy(same), Z) is in_magnitudes(energy("abs(z) @ S @ abs(z)"), Z)


@pytest.mark.parametrize("other", ["l1(z)^3", "l1(S @ z)", "dot(abs(z), z)", "max(abs(z))"])
def test_nothing_else_is_taken_for_one(other: str) -> None:
    assert in_magnitudes(energy(other), Z) is None
    assert all_in_magnitudes((energy("l1(z)"), energy(other)), Z) is None


def test_several_terms_are_read_together() -> None:
    terms = addends(energy("l1(z) + abs(z) @ S @ abs(z)"))
    found = all_in_magnitudes(terms, Z)
    assert found is not None
    assert len(found) == 2
    assert all("abs" not in formula(each) for each in found)


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        ("sq(y - z) / 2", True),
        ("a * sq(z) + dot(y, z)", True),
        ("sq(a * z - y) + sq(z)", True),
        ("sq(y - S @ z)", False),
        ("sum(y^2 * z^2)", False),
        ("sq(y * z)", False),
        ("sum(z)^2", False),
    ],
)
def test_a_round_quadratic_is_found(text: str, alike: bool) -> None:
    assert round_quadratic(energy(text), Z) == alike
