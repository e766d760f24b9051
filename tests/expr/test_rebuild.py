"""Substitution replaces variables and nothing else, in normal form again."""

from __future__ import annotations

from ebmdsl.expr import build
from ebmdsl.expr.calls import call, word
from ebmdsl.expr.rebuild import rebuilt, substitute
from tests.expr.expressions import leaf

z, u, y, A = leaf("z"), leaf("u"), leaf("y"), leaf("A")
energy = call(word("sq"), build.subtract(y, build.matmul(A, z)))


def test_nothing_to_replace_is_the_same_node() -> None:
    assert substitute(energy, {"nobody": u}) is energy
    assert rebuilt(energy, energy.args) is energy


def test_a_value_takes_the_place_of_a_variable() -> None:
    wanted = call(word("sq"), build.subtract(y, build.matmul(A, u)))
    assert substitute(energy, {"z": u}) is wanted


def test_the_result_is_in_normal_form() -> None:
    zero = build.const(0, z.shape)
    assert substitute(energy, {"z": zero}) is call(word("sq"), y)
    assert build.is_const(substitute(build.subtract(z, u), {"z": u}), 0)
