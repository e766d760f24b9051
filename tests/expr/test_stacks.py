"""Plates as dimensions and dimensions as plates: one undoes the other."""

from __future__ import annotations

from ebmdsl.expr.build import variable
from ebmdsl.expr.node import Op, Plate, Quantity
from ebmdsl.expr.stacks import stacked, unstacked

T, J = Plate("t", 1, 6), Plate("j", 1, 4)
X = variable(Quantity("x", "observed"), (2,), plates=(J, T))
FLAT = variable(Quantity("y", "observed"), (6, 2))


def test_no_plates_change_nothing() -> None:
    assert stacked(X, ()) is X
    assert unstacked(FLAT, ()) is FLAT


def test_a_plate_becomes_the_first_dimension() -> None:
    one = stacked(X, (T,))
    assert (one.op, one.data, one.shape, one.plates) == (Op.STACK, ("t",), (6, 2), (J,))
    both = stacked(X, (J, T))
    assert (both.shape, both.plates) == ((4, 6, 2), ())


def test_a_dimension_becomes_a_plate() -> None:
    opened = unstacked(FLAT, (T,))
    assert (opened.shape, opened.plates) == ((2,), (T,))


def test_one_undoes_the_other() -> None:
    assert unstacked(stacked(X, (T,)), (T,)) is X
    assert stacked(unstacked(FLAT, (T,)), (T,)) is FLAT
